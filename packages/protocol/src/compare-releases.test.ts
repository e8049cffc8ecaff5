import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareReleases } from './compare-releases.ts'

const HASH = '0123456789abcdef0123456789abcdef01234567'

describe('of one package, the older is', () => {
  test.for([
    ['1.0', '2.0'],
    ['1.9', '1.10'],
    ['1.2.3', '1.2.4'],
    ['1.2.3.4', '1.2.3.10'],
    ['1', '1.0.0.1'],
    ['2024.01.31', '2024.2.1'],
    ['shop@1.0', 'shop@1.1'],
    ['a@b@1.0', 'a@b@1.1'],
    ['99999999999999999998.0', '99999999999999999999.0'],
    ['9.0', '10000000000000000000.0'],
    // Pre-releases, the list of semver.org in its order.
    ['1.0.0-alpha', '1.0.0-alpha.1'],
    ['1.0.0-alpha.1', '1.0.0-alpha.beta'],
    ['1.0.0-alpha.beta', '1.0.0-beta'],
    ['1.0.0-beta', '1.0.0-beta.2'],
    ['1.0.0-beta.2', '1.0.0-beta.11'],
    ['1.0.0-beta.11', '1.0.0-rc.1'],
    ['1.0.0-rc.1', '1.0.0'],
    ['1.0b1', '1.0'],
    ['1.0-1', '1.0-a'],
    // The build decides last.
    ['1.0+9', '1.0+10'],
    ['1.0+99', '1.1+1'],
    ['1.0-rc+99', '1.0+1'],
  ] as const)('%s and not %s', ([older, newer]) => {
    expect(compareReleases(older, newer)).toBe(-1)
    expect(compareReleases(newer, older)).toBe(1)
  })
})

test.for([
  ['1.0', '1.0.0'],
  ['01.0', '1.0'],
  ['1.0', '1.0+5'],
  ['1.0+abc', '1.0+def'],
  ['1.0b1', '1.0-b1'],
  [HASH, HASH],
  ['', ''],
] as const)('%s and %s are the same release', ([a, b]) => {
  expect(compareReleases(a, b)).toBe(0)
})

test.for([
  ['of another package', 'shop@1.0', 'till@2.0'],
  ['of a package and of none', 'shop@1.0', '2.0'],
  ['of packages that differ in case', 'shop@1.0', 'Shop@2.0'],
  ['commits', HASH, HASH.replaceAll('0', '1')],
  ['a short commit of digits alone', '123456789012', '1.0'],
  ['commits cut short', '1a2b3c4', '2b3c4d5'],
  ['a commit of a package', `shop@${HASH}`, 'shop@1.0'],
  ['five numbers', '1.2.3.4.5', '1.2.3.4.6'],
  ['words', 'nightly', 'stable'],
  ['a tag with a v', 'v1.0', 'v2.0'],
  ['an empty one', '', '1.0'],
  ['a package without a version', 'shop@', 'shop@1.0'],
  ['a version that ends in a dot', '1.', '2.'],
  ['a line behind the version', '1.0\n', '2.0'],
  ['digits without an end', '1'.repeat(1_000_000), '1.0'],
] as const)('nothing is said of %s', ([, a, b]) => {
  expect(compareReleases(a, b)).toBeNull()
  expect(compareReleases(b, a)).toBeNull()
})

const digits = fc.stringMatching(/^\d{1,4}$/)
const word = fc.stringMatching(/^[0-9a-c-]{1,3}$/)
const version = fc
  .tuple(
    fc.constantFrom('', 'shop@'),
    fc.array(digits, { minLength: 1, maxLength: 4 }),
    fc.option(fc.array(word, { minLength: 1, maxLength: 3 })),
    fc.option(fc.oneof(digits, word)),
  )
  .map(
    ([of, numbers, pre, build]) =>
      `${of}${numbers.join('.')}${pre ? `-${pre.join('.')}` : ''}${build === null ? '' : `+${build}`}`,
  )
const release = fc.oneof({ weight: 5, arbitrary: version }, fc.string(), fc.string({ unit: 'binary' }))

describe('whatever the two are', () => {
  test('both ways round the answer is the same', () => {
    fc.assert(
      fc.property(release, release, (a, b) => {
        const [there, back] = [compareReleases(a, b), compareReleases(b, a)]
        expect([-1, 0, 1, null]).toContain(there)
        expect(back).toBe(there === null ? null : 0 - there)
      }),
    )
  })

  test('without builds the versions of a package have one order', () => {
    const bare = version.map((text) => text.replace('shop@', '').replace(/\+.*/, ''))
    fc.assert(
      fc.property(bare, bare, bare, (a, b, c) => {
        const [ab, bc, ac] = [compareReleases(a, b), compareReleases(b, c), compareReleases(a, c)]
        fc.pre(ab !== null && bc !== null && ab <= 0 && bc <= 0)
        expect(ac).toBe(ab < 0 || bc < 0 ? -1 : 0)
      }),
    )
  })
})
