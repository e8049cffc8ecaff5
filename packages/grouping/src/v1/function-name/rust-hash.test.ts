import { expect, test } from 'vitest'
import { withoutRustHash } from './rust-hash.ts'

test('the hash of a build goes, a function that only looks like one stays', () => {
  expect(withoutRustHash('shop::pay::h0123456789abcdef')).toBe('shop::pay')
  expect(withoutRustHash('shop::pay::h0123')).toBe('shop::pay::h0123')
  expect(withoutRustHash('shop::h0123456789abcdef::pay')).toBe('shop::h0123456789abcdef::pay')
})
