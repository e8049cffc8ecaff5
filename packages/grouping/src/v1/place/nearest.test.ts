import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { findNearest } from './nearest.ts'
import { readOwnFrames } from './own-frame.ts'

/** Newest first; `null` is a callback without a name. */
function nearest(...names: readonly (string | null)[]) {
  const frames = names.map((name) => sampleFrame({ function: name, filename: 'cart.rb' }))
  return findNearest(readOwnFrames(frames, 'ruby')).map(({ name }) => name)
}

test('the newest function is the place, whoever called it', () => {
  expect(nearest('pay', 'submit', 'main')).toEqual(['pay'])
})

test('of a helper its caller tells, and of that one’s', () => {
  expect(nearest('assert', 'pay', 'submit')).toEqual(['assert', 'pay'])
  expect(nearest('raise', 'assert', 'pay', 'submit')).toEqual(['raise', 'assert', 'pay'])
  expect(nearest('assert')).toEqual(['assert'])
})

test('no more than three helpers stand before the place', () => {
  expect(nearest('raise', 'assert', 'must', 'ensure', 'require', 'pay')).toEqual(['raise', 'assert', 'must', 'ensure'])
})

test('a recursive helper counts once', () => {
  expect(nearest('assert', 'assert', 'assert', 'pay')).toEqual(['assert', 'pay'])
})

test('a callback without a name is part of the function around it, if that is of the same file', () => {
  expect(nearest(null, 'pay')).toEqual(['pay'])
  const callback = sampleFrame({ filename: 'cart.rb' })
  const elsewhere = sampleFrame({ function: 'each', filename: 'list.rb' })
  expect(findNearest(readOwnFrames([callback, elsewhere], 'ruby')).map(({ text }) => text)).toEqual(['? in cart.rb'])
})
