import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import type { Family } from '../family.ts'
import { readFrame } from './frame.ts'

test.each<[Family, string]>([
  ['javascript', 'pay in cart'],
  ['jvm', 'pay in shop.Cart'],
  ['dotnet', 'pay in Cart'],
  ['native', 'pay'],
  ['go', 'pay in shop.Cart'],
  ['elixir', 'pay in shop.Cart'],
  ['python', 'pay in cart.x'],
  ['ruby', 'pay in cart.x'],
  ['php', 'pay in cart.x'],
  ['dart', 'pay in cart.x'],
  ['other', 'pay in cart.x'],
])('%s: a frame is read as its language writes it', (family, text) => {
  const filename = family === 'javascript' ? '/srv/cart.js' : '/srv/cart.x'
  expect(readFrame(sampleFrame({ function: 'pay', module: 'shop.Cart', filename }), family)?.text).toBe(text)
})

test('a name of a megabyte is no name to read', () => {
  const text = readFrame(sampleFrame({ function: 'a'.repeat(1_000_000), filename: 'x.py' }), 'python')?.text
  expect(text).toBe(`${'a'.repeat(1024)} in x.py`)
})
