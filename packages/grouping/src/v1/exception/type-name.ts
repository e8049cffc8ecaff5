import { parameterise } from '../message/parameterise.ts'

/** Longer types are texts that somebody put there. */
const CHARS_MAX = 512

/** Names that were changed in a version of the language or the library. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['_CastError', '_TypeError'],
  ['DioError', 'DioException'],
  ['LateInitializationError', 'LateError'],
  ['FatalErrorException', 'FatalError'],
  ['IOError', 'OSError'],
  ['EnvironmentError', 'OSError'],
])

/** Names that every package has: only with their owner do they tell anything. */
const COMMON = /^(?:Error|Exception|Failure)$/

/** A type as it is in every build, release and SDK. */
export function readType(full: string): string {
  const type = withoutPackage(full)
  // Ruby's anonymous classes carry an address (`#<Class:0x00007f>`), PHP's a path.
  if (type.includes('0x')) return parameterise(type)
  if (type.startsWith('class@anonymous')) return 'class@anonymous'
  // A class within a class was one of its own before, or will be: `HttpClientErrorException$NotFound`; or has a counter.
  const dollar = type.indexOf('$')
  const owner = dollar > 0 ? type.slice(0, dollar) : type
  // Node writes the code of an error behind its name.
  return owner.replace(/ \[[A-Z_]{3,80}\]$/, '')
}

/** SDKs and builds differ in how much of the package they send. */
function withoutPackage(type: string): string {
  if (type.length >= CHARS_MAX || type.includes(' ')) return ALIASES.get(type) ?? type
  const parts = type.split(/(?:\.|::|\\)(?=[A-Z])/)
  const last = parts.at(-1) ?? type
  return ALIASES.get(last) ?? (parts.length > 1 && COMMON.test(last) ? parts.slice(-2).join('.') : last)
}
