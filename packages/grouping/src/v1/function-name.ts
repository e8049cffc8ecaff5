import type { Family } from './family.ts'

/** Names that only say that there is none. */
const NAMELESS = new Set([
  ...['', '?', '??', 'anonymous', 'Anonymous function', 'anonymous function', '(anonymous)', 'global code', 'eval'],
  ...['module code', '{main}', 'class@anonymous'],
])

/**
 * A function's name without what compilers, minifiers and runtimes add to it (receivers, counters, closures);
 * `null` where nothing is left that names code. `isMinifiable` tells that a bundler may have shortened it.
 */
export function readFunctionName(name: string | null, family: Family, isMinifiable: boolean): string | null {
  if (name === null) return null
  const text = readers[family](name.trim())
  // `<module>`, `<lambda>`, `<main>` are places within a file; only the JVM's `<init>` belongs to one class.
  if (NAMELESS.has(text) || (text.startsWith('<') && family !== 'jvm')) return null
  return isMinifiable && isMinified(text) ? null : text
}

/** Minifiers hand out the shortest names first, and other ones in the next build; obfuscators write `_0x1f2e`. */
function isMinified(name: string): boolean {
  return name.length <= 2 || name.startsWith('_0x')
}

const readers: Record<Family, (name: string) => string> = {
  javascript: readJavaScript,
  python: readPython,
  ruby: readRuby,
  go: readGo,
  jvm: readJvm,
  php: readPhp,
  other: readOther,
}

/** Only the last word is common to Chrome (`async Cart.pay [as submit]`), Firefox (`async*pay`) and Safari (`pay`). */
function readJavaScript(name: string): string {
  // Firefox writes `pay/<` for a nameless function inside `pay`; the others leave the name out.
  if (name.endsWith('<')) return ''
  const called = before(before(name, ' [as '), ' (index ')
  const text = called.slice(Math.max(called.lastIndexOf(' '), called.lastIndexOf('*')) + 1)
  // webpack names a module's wrapper after its file (`./src/cart.js`) or its number.
  if (text.includes('/')) return ''
  const last = text.slice(text.lastIndexOf('.') + 1)
  if (/^(?:\d+|_?callee\d*\$?)$/.test(last)) return ''
  return last.includes('$') ? last.replace(/(?!^)\$\d+$/, '') : last
}

function readPython(name: string): string {
  if (!name.includes('<')) return name
  return name.replaceAll('<locals>.', '').replace(/\.<\w+>$/, '')
}

function readRuby(name: string): string {
  // `block (2 levels) in pay`, `rescue in pay`: the method is what somebody wrote.
  const inside = name.lastIndexOf(' in ')
  const qualified = inside === -1 ? name : name.slice(inside + ' in '.length)
  // Ruby 3.4 says `Order#pay` where 3.3 said `pay`.
  const method = qualified.slice(Math.max(qualified.lastIndexOf('#'), qualified.lastIndexOf('.')) + 1)
  // A compiled ERB template carries two numbers of the process it was compiled in.
  return method.includes('__') ? method.replace(/__\d{4,}_\d{4,}$/, '') : method
}

function readGo(name: string): string {
  const method = name.endsWith('-fm') ? name.slice(0, -'-fm'.length) : name
  const closure = method.search(/\.(?:func|gowrap|deferwrap)\d/)
  const text = closure === -1 ? method : method.slice(0, closure)
  return text === 'glob.' ? '' : text
}

function readJvm(name: string): string {
  if (!name.includes('$')) return name
  if (name.startsWith('lambda$')) return before(name.slice('lambda$'.length), '$')
  return before(name, '$lambda').replace(/\$\d+$/, '')
}

function readPhp(name: string): string {
  const text = withoutPhpClosure(name)
  // Named after its file: the frame has that already. `[Anonymous function]` is older SDKs' word.
  if (text.includes('/') || text.startsWith('[Anonymous')) return ''
  return text
}

/** `App\Cart::{closure}`, and since PHP 8.4 `{closure:App\Cart::pay():12}`, are `App\Cart` and `App\Cart::pay`. */
function withoutPhpClosure(name: string): string {
  const anonymous = name.indexOf('class@anonymous')
  if (anonymous !== -1) {
    // The runtime appends file, line and a counter to an anonymous class; the method comes after them.
    const method = name.lastIndexOf('::')
    return method > anonymous ? `class@anonymous${name.slice(method)}` : 'class@anonymous'
  }
  const start = name.lastIndexOf('{closure')
  if (start === -1) return name
  const inside = name.slice(start + '{closure'.length)
  if (!inside.startsWith(':')) return name.slice(0, start).replace(/(?:::|\\)$/, '')
  const place = before(inside.slice(1), '}')
  return place.slice(0, Math.max(place.lastIndexOf(':'), 0)).replace(/\(\)$/, '')
}

function readOther(name: string): string {
  // .NET: `<PayAsync>d__12.MoveNext` and `<Pay>b__0` come from `PayAsync` and `Pay`.
  const generated = name.includes('>') ? /<(\w+)>[bdg]__/.exec(name) : null
  if (generated) return generated[1] ?? ''
  // Rust: the hash changes with every build.
  return name.includes('::') ? name.replace(/::h[0-9a-f]{16}$/, '').replaceAll('::{{closure}}', '') : name
}

function before(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at === -1 ? text : text.slice(0, at)
}
