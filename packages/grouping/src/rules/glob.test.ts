import { describe, expect, test, vi } from 'vitest'
import { seededRandom } from '../seeded-random.ts'
import { compileGlob, matchesGlob } from './glob.ts'

// A megabyte of text takes its time where other suites share the processor.
vi.setConfig({ testTimeout: 60_000 })

function matches(pattern: string, text: string, isPath = false): boolean {
  return matchesGlob(compileGlob(pattern, isPath), text)
}

test.each([
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['abc', 'xabc', false],
  ['abc*', 'abc', true],
  ['*abc', 'xabc', true],
  ['*abc', 'xabcx', false],
  ['a*c', 'a/b/c', true],
  ['a**c', 'a/b/c', true],
  ['*', '', true],
  ['?', '', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a?c', 'a/c', true],
  ['a?c', 'a😀c', true],
  ['a??c', 'a😀c', false],
  ['ab*ba', 'aba', false],
  ['*deadlock*', 'a\ndeadlock\nb', true],
  ['a.c', 'abc', false],
  ['[ab]', 'a', false],
  ['[ab]', '[ab]', true],
  ['(a+)+$*', '(a+)+$!', true],
])('%j on the text %j: %j', (pattern, text, isMatch) => {
  expect(matches(pattern, text)).toBe(isMatch)
})

test.each([
  ['/app/*.py', '/app/cart.py', true],
  ['/app/*.py', '/app/shop/cart.py', false],
  ['/app/**.py', '/app/shop/cart.py', true],
  ['/app/?.py', '/app//.py', false],
  ['/app?x', '/app/x', false],
  ['*', 'cart.py', true],
  ['*', '/cart.py', false],
  ['**', '/app/cart.py', true],
  ['**/cart.py', 'cart.py', true],
  ['**/cart.py', '/app/cart.py', true],
  ['**/cart.py', '/app/mycart.py', false],
  ['**/generated/**', 'generated/a.ts', true],
  ['**/generated/**', '/src/generated/a/b.ts', true],
  ['**/generated/**', '/src/degenerated/a.ts', false],
  ['**/generated/**', '/src/generated', false],
  ['/src/**/test.js', '/src/test.js', true],
  ['/src/**/test.js', '/src/a/b/test.js', true],
  ['/src/**/test.js', '/src/a/mytest.js', false],
  ['/src**/test.js', '/src/test.js', true],
  ['/src**/test.js', '/srctest.js', false],
  ['**/**/a', 'a', true],
  ['**/a*/b*', 'x/a1/c/a2/b', true],
  ['**x*y', 'x/y/x1y', true],
  ['**x*y', 'x/y', false],
  ['**/node_modules/*/index.?s', '/a/node_modules/x/node_modules/y/index.ts', true],
])('%j on the path %j: %j', (pattern, text, isMatch) => {
  expect(matches(pattern, text, true)).toBe(isMatch)
})

describe('random patterns on random texts match as the plain definition says', () => {
  test.each([
    ['text', false, ['a', 'b', '*', '*', '**', '?'], ['a', 'b', '/', '😀']],
    ['path', true, ['a', 'b', '/', '*', '**', '**/', '/**/', '?'], ['a', 'b', '/', '/', '😀']],
  ])('%s', (_, isPath, pieces, letters) => {
    const random = seededRandom(7)
    const write = (from: readonly string[], max: number) =>
      Array.from({ length: random(max + 1) }, () => from[random(from.length)] ?? '').join('')
    let found = 0
    for (let round = 0; round < 60_000; round++) {
      const [pattern, text] = [write(pieces, 8), write(letters, 9)]
      const isMatch = matches(pattern, text, isPath)
      if (isMatch) found++
      if (isMatch !== isDefined(pattern, text, isPath)) throw new Error(JSON.stringify({ pattern, text, isMatch }))
    }
    expect(found).toBeGreaterThan(5000)
  })
})

/** The definition, with every choice tried. */
function isDefined(pattern: string, text: string, isPath: boolean, isStart = true): boolean {
  const isSlash = text.startsWith('/')
  const rest = text.slice((text.codePointAt(0) ?? 0) > 0xffff ? 2 : 1)
  const skips = (ending: string, canSkip: boolean) =>
    isDefined(ending, text, isPath, false) || (text !== '' && canSkip && isDefined(pattern, rest, isPath, false))
  if (pattern === '') return text === ''
  const directories = isPath && isStart ? /^\*{2,}\//.exec(pattern)?.[0] : undefined
  if (directories !== undefined) {
    const ends = [0, ...[...text.matchAll(/\//g)].map(({ index }) => index + 1)]
    return ends.some((end) => isDefined(pattern.slice(directories.length), text.slice(end), isPath))
  }
  const stars = /^\*+/.exec(pattern)?.[0].length ?? 0
  if (stars > 0) return skips(pattern.slice(stars), !isPath || stars > 1 || !isSlash)
  if (text === '') return false
  if (pattern.startsWith('?')) return !(isPath && isSlash) && isDefined(pattern.slice(1), rest, isPath, false)
  const letter = String.fromCodePoint(pattern.codePointAt(0) ?? 0)
  return text.startsWith(letter) && isDefined(pattern.slice(letter.length), rest, isPath, letter === '/')
}

describe('time grows with the length of a value, not with its square', () => {
  test.each([
    '*a*a*a*a*a*a*a*a*b*x',
    `${'*a'.repeat(240)}*x`,
    '*aaaaaaaaaaaaaaaaaaab*b*',
    '**x*y',
    '**a*b',
    '**a*a*a*a/b*c',
    '**/a*a*a/**/b*a*',
    '**a/**a/**a/**b',
    '*?*?*?*?b',
  ])('pattern %#', (pattern) => {
    for (const isPath of [true, false]) {
      const glob = compileGlob(pattern, isPath)
      for (const seed of ['a', 'a/', 'ab', 'x']) {
        expectLinear(seed, (text) => {
          for (const tail of ['', 'bxby', 'b/b']) matchesGlob(glob, `${text}${tail}`)
        })
      }
    }
  })
})

/** Four times the text may take 4 times as long, not 16; the constant covers a busy machine and a cold start. */
function expectLinear(seed: string, run: (text: string) => void): void {
  const text = seed.repeat(1_048_576 / seed.length)
  const quarter = text.slice(0, 262_144)
  const quarterMs = Math.min(
    cpuMs(() => run(quarter)),
    cpuMs(() => run(quarter)),
  )
  expect(cpuMs(() => run(text))).toBeLessThan(9 * quarterMs + 400)
}

/** Milliseconds of this process alone: others share the machine. */
function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
