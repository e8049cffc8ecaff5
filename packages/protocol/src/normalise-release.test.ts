import { expect, test } from 'vitest'
import { normaliseDist, normaliseEnvironment, normaliseRelease } from './normalise-release.ts'

test.each<[unknown, string | null]>([
  ['shop@1.2.3+45', 'shop@1.2.3+45'],
  [' 1.0 ', '1.0'],
  ['42\n', '42'],
  [42, '42'],
  ['0123456789abcdef0123456789abcdef01234567', '0123456789abcdef0123456789abcdef01234567'],
  ['x'.repeat(300), `${'x'.repeat(197)}...`],
  ['', null],
  ['  ', null],
  ['.', null],
  ['..', null],
  ['latest', null],
  ['Latest', null],
  ['latest-1', 'latest-1'],
  ['a/b', null],
  ['a\\b', null],
  ['a\tb', null],
  ['a\nb', null],
  [null, null],
  [{}, null],
])('release %j becomes %j', (value, release) => {
  expect(normaliseRelease(value)).toBe(release)
})

test.each<[unknown, string | null]>([
  ['45', '45'],
  [45, '45'],
  [' 1.0_a-b ', '1.0_a-b'],
  ['', null],
  ['a b', null],
  ['ä', null],
  ['x'.repeat(64), 'x'.repeat(64)],
  ['x'.repeat(65), null],
  [[], null],
])('dist %j becomes %j', (value, dist) => {
  expect(normaliseDist(value)).toBe(dist)
})

test.each<[unknown, string | null]>([
  ['production', 'production'],
  [' Staging ', 'Staging'],
  ['x'.repeat(65), `${'x'.repeat(61)}...`],
  ['', null],
  ['.', null],
  ['..', null],
  ['none', null],
  ['NONE', null],
  ['a/b', null],
  ['a\nb', null],
  [7, null],
])('environment %j becomes %j', (value, environment) => {
  expect(normaliseEnvironment(value)).toBe(environment)
})
