import { expect, test } from 'vitest'
import { slugOf } from './slug.ts'

test.for([
  ['Web Shop (EU)', 'web-shop-eu'],
  ['  -- Spaces -- ', 'spaces'],
  ['Crème Brûlée', 'creme-brulee'],
  ['ﬁne №5', 'fine-no5'],
  ['日本語', 'project'],
  ['', 'project'],
  ['---', 'project'],
  ['a/b?c=d&<script>', 'a-b-c-d-script'],
] as const)('%j is %s', ([name, slug]) => {
  expect(slugOf(name)).toBe(slug)
})

test('a long name ends within fifty characters, and not in a dash', () => {
  expect(slugOf('x'.repeat(80))).toBe('x'.repeat(50))
  expect(slugOf(`${'x'.repeat(49)} y`)).toBe('x'.repeat(49))
})
