import { either } from '../pattern.ts'
import { withoutRustHash } from './rust-hash.ts'
import { UNNAMED } from './unnamed.ts'

/** Copies of a function that the compiler or the linker made. */
const CLONE = / ?\[clone [^\]]*\]| ?\[abi:[^\]]*\]|@+(?:plt|GLIBC\S*|\d+)$/g
const CLONE_SUFFIX =
  /\.(?:cold|isra|constprop|part|lto_priv|llvm)(?:\.\d+)*(?:\.(?:cold|isra|constprop|part)(?:\.\d+)*)*$/
/** Of GCC, Clang and Microsoft, mangled or not. */
const UNNAMED_NAMESPACE = /`anonymous namespace'|\(anonymous namespace\)|\?A0x[0-9a-f]{8}|\(anonymous\)|<unnamed>/g
const RUST_CLOSURE = /::\{\{closure\}\}|::\{closure(?:#\d+|_env#\d+)?\}|::\{(?:impl|async_fn|async_block)[^}]*\}/g
/** A lambda is the function it stands in; each compiler has its own way to number it. */
const LAMBDA = /::(?:\{lambda\(|<lambda_|\$_\d|'lambda|lambda\b|\(lambda)/

/** A name of C, C++ or Rust without what compilers add, without arguments, template arguments and return type. */
export function readCppName(name: string): string {
  const written = withoutRustHash(
    name.replace(CLONE, '').replace(CLONE_SUFFIX, '').replace(UNNAMED_NAMESPACE, UNNAMED).replace(RUST_CLOSURE, ''),
  )
  const lambda = written.search(LAMBDA)
  return lastWordOf(withoutBrackets(withoutTrait(lambda > 0 ? written.slice(0, lambda) : written)))
}

/** Rust's `<shop::Cart as shop::Payable>::pay` is `shop::Cart::pay`. */
function withoutTrait(name: string): string {
  const impl = /^<(?:&?(?:mut )?)?([\w:]+)(?:<[^>]*>)?(?: as [^>]*(?:<[^>]*>)*)?>(::.*)$/s.exec(name)
  return impl ? `${impl[1]}${impl[2]}` : name
}

/** Operators of C++, whose signs are no brackets: `operator()`, `operator<<`, `operator bool`. */
const OPERATOR = new RegExp(
  `^operator${either([/\(\)|\[\]/, /<<=?|>>=?|<=>|<=?|>=?|->\*?/, / [\w:]+/, /[^\w(]{1,3}/])}`,
)
/** Longer than any of them. */
const OPERATOR_CHARS_MAX = 60

function withoutBrackets(text: string): string {
  let out = ''
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at)
    const operator = depth === 0 && text.startsWith('operator', at) ? readOperator(text, at) : null
    if (operator !== null) {
      out += operator.replace(' ', '_')
      at += operator.length - 1
    } else if ('<(['.includes(character)) depth++
    else if ('>)]'.includes(character)) depth = Math.max(depth - 1, 0)
    else if (depth === 0) out += character
  }
  return out
}

function readOperator(text: string, at: number): string | null {
  return OPERATOR.exec(text.slice(at, at + OPERATOR_CHARS_MAX))?.[0] ?? null
}

/** Behind the arguments, which are gone by now. One repetition within another would take for ever on a thousand spaces. */
const QUALIFIERS = /(?: (?:const|noexcept|volatile|__ptr64)|[ &*])+$/

/** Without the return type before it and the qualifiers behind it. */
function lastWordOf(name: string): string {
  const words = name
    .replace(QUALIFIERS, '')
    // Where template arguments stood between.
    .replace(/::(?=::|$)/g, '')
    .trim()
  return words.slice(words.lastIndexOf(' ') + 1)
}
