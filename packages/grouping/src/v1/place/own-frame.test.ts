import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { isShared, readOwnFrames } from './own-frame.ts'

const OWN = sampleFrame({ function: 'pay', filename: 'shop/cart.py' })

test('the application’s frames that name a place, with it', () => {
  const library = sampleFrame({ function: 'run', filename: 'x.py', absPath: '/venv/site-packages/x.py' })
  const nameless = sampleFrame({ module: '__main__', inApp: true })
  expect(readOwnFrames([library, OWN, nameless], 'python')).toEqual([
    { name: 'pay', text: 'pay in cart.py', source: OWN },
  ])
})

test('a helper, and code over any type, is no place without its caller', () => {
  expect(isShared({ name: 'assertPaid', text: '' })).toBe(true)
  expect(isShared({ name: 'find', text: '', isShared: true })).toBe(true)
  expect(isShared({ name: 'pay', text: '' })).toBe(false)
  expect(isShared({ name: null, text: '? in x' })).toBe(false)
})
