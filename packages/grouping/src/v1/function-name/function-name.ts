import type { Family } from '../family.ts'
import { readDartName } from './dart-name.ts'
import { readDotnetMethod } from './dotnet-name.ts'
import { readElixirName } from './elixir-name.ts'
import { readGoName } from './go-name.ts'
import { readJavaScriptName } from './javascript-name.ts'
import { readJvmMethod } from './jvm-name.ts'
import { readNativeName } from './native-name.ts'
import { readPhpName } from './php-name.ts'
import { readPythonName } from './python-name.ts'
import { readRubyName } from './ruby-name.ts'

/** Names that only say that there is none. */
const NAMELESS = new Set([
  ...['', '?', '??', 'anonymous', 'Anonymous function', 'anonymous function', '(anonymous)', 'global code', 'eval'],
  ...['eval code', 'module code', '{main}', 'class@anonymous', 'UnknownFunction', 'void', '[dynamic]'],
])

const readers: Record<Family, (name: string) => string> = {
  javascript: readJavaScriptName,
  python: readPythonName,
  ruby: readRubyName,
  go: readGoName,
  jvm: readJvmMethod,
  php: readPhpName,
  dotnet: readDotnetMethod,
  native: readNativeName,
  dart: readDartName,
  elixir: readElixirName,
  other: readOtherName,
}

/**
 * A function's name without what compilers, minifiers and runtimes add to it (receivers, counters, closures);
 * `null` where nothing is left that names code.
 */
export function readFunctionName(name: string | null, family: Family): string | null {
  if (name === null) return null
  const trimmed = name.trim()
  // As a whole first: Safari's `global code` is no function `code`.
  if (NAMELESS.has(trimmed)) return null
  const text = readers[family](trimmed)
  // `<module>`, `<lambda>`, `<main>` are places within a file; only the JVM's `<init>` belongs to one class.
  return NAMELESS.has(text) || (text.startsWith('<') && family !== 'jvm') ? null : text
}

/** A platform nobody knows may be any language: its names are read by what only one of them writes. */
function readOtherName(name: string): string {
  if (name.includes('>') && /<\w+>[bdg]__/.test(name)) return readDotnetMethod(name)
  return /::|^_Z|^[-+]\[/.test(name) ? readNativeName(name) : name
}
