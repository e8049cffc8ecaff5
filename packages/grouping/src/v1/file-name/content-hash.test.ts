import { describe, expect, test } from 'vitest'
import { withoutContentHash } from './content-hash.ts'

describe('a script’s name is the same in every build', () => {
  test.each([
    ['main.3f2a1b9c', 'main'],
    ['main.3f2a1b9c.chunk', 'main.chunk'],
    ['index-BcD_1x2Y', 'index'],
    ['index-Bc-D1x2Y', 'index'],
    ['index-DiwrgTda', 'index'],
    ['chunk-K7Q2M4ZT', 'chunk'],
    ['_app-0123456789abcdef', '_app'],
    ['4f2c8d1e9a0b4f2c', '*'],
    ['117', '*'],
    ['jquery-3.7.1.min', 'jquery'],
    ['vendors~checkout.99e0d7aa', 'vendors~checkout'],
    ['checkout_1a2b3c4d5e', 'checkout'],
  ])('%s is %s', (stem, read) => {
    expect(withoutContentHash(stem)).toBe(read)
  })

  test.each([['user-settings'], ['user-Settings'], ['facade'], ['cart.service'], ['my-two-words'], ['decade'], ['v2']])(
    '%s holds no hash',
    (stem) => {
      expect(withoutContentHash(stem)).toBe(stem)
    },
  )
})
