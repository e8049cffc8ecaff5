import { TEXT_LIMITS } from './limits.ts'

/** `version[+build]`: one to four numbers, then perhaps a pre-release, as in `1.2.0-rc.1` or `1.2b3`. */
const VERSION = /^(\d+(?:\.\d+){0,3})(?:-([0-9A-Za-z.-]+)|([A-Za-z][0-9A-Za-z.-]*))?(?:\+([0-9A-Za-z.-]+))?$/
/** Lengths at which hexadecimal digits are a commit's hash, however much they look like a number. */
const HASH = /^(?:[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{20}|[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})$/i
const DIGITS = /^\d+$/

interface Version {
  package: string
  numbers: readonly string[]
  /** Empty: none, which comes after every pre-release. */
  preRelease: readonly string[]
  build: string | null
}

/**
 * Whether release `a` came before `b` (-1), after it (1), or is the same version (0), where both are
 * `[package@]version[+build]` of one package: numbers first, a pre-release before its release as in semver, and last the
 * builds, where both are numbers. The same text is the same release, whatever it is. Null: nothing can be said, because
 * they are of different packages, or one is a commit's hash or other text.
 */
export function compareReleases(a: string, b: string): -1 | 0 | 1 | null {
  if (a === b) return 0
  const [one, other] = [readVersion(a), readVersion(b)]
  if (one === null || other === null || one.package !== other.package) return null
  return compareNumbers(one, other) || comparePreReleases(one, other) || compareBuilds(one, other)
}

function readVersion(release: string): Version | null {
  // No stored release is longer; two UTF-16 units make a code point at most.
  if (release.length > 2 * TEXT_LIMITS.release.charsMax) return null
  const at = release.lastIndexOf('@')
  const version = at < 1 ? release : release.slice(at + 1)
  const [, numbers, dashed, attached, build] = VERSION.exec(version) ?? []
  if (numbers === undefined || HASH.test(version)) return null
  // `1.0b1` is a version; `1a2b3c4` is the beginning of a commit's hash.
  if (attached !== undefined && !numbers.includes('.')) return null
  return {
    package: at < 1 ? '' : release.slice(0, at),
    numbers: numbers.split('.'),
    preRelease: (dashed ?? attached)?.split('.') ?? [],
    build: build ?? null,
  }
}

/** `1.2` is `1.2.0.0`. */
function compareNumbers(a: Version, b: Version): -1 | 0 | 1 {
  return firstDifference(4, (at) => compareDigits(a.numbers[at] ?? '0', b.numbers[at] ?? '0'))
}

function comparePreReleases(a: Version, b: Version): -1 | 0 | 1 {
  const [lengthA, lengthB] = [a.preRelease.length, b.preRelease.length]
  if (lengthA === 0 || lengthB === 0) return order(lengthB, lengthA)
  return (
    firstDifference(Math.min(lengthA, lengthB), (at) =>
      compareIdentifiers(a.preRelease[at] ?? '', b.preRelease[at] ?? ''),
    ) || order(lengthA, lengthB)
  )
}

/** Numbers before words. */
function compareIdentifiers(a: string, b: string): -1 | 0 | 1 {
  const [isNumberA, isNumberB] = [DIGITS.test(a), DIGITS.test(b)]
  if (isNumberA && isNumberB) return compareDigits(a, b)
  return isNumberA === isNumberB ? order(a, b) : isNumberA ? -1 : 1
}

function compareBuilds({ build: a }: Version, { build: b }: Version): -1 | 0 | 1 {
  return a !== null && b !== null && DIGITS.test(a) && DIGITS.test(b) ? compareDigits(a, b) : 0
}

/** Digits of any length, without making numbers of them: a build may well be a time in nanoseconds. */
function compareDigits(a: string, b: string): -1 | 0 | 1 {
  const [one, other] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  return order(one.length, other.length) || order(one, other)
}

function order<T extends number | string>(a: T, b: T): -1 | 0 | 1 {
  return a < b ? -1 : a > b ? 1 : 0
}

function firstDifference(length: number, compareAt: (at: number) => -1 | 0 | 1): -1 | 0 | 1 {
  for (let at = 0; at < length; at++) {
    const difference = compareAt(at)
    if (difference !== 0) return difference
  }
  return 0
}
