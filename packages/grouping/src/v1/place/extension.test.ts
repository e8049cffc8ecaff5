import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readExtension } from './extension.ts'

test('an extension is told by its script, as its id is another one in each browser', () => {
  const at = (absPath: string) => readExtension(sampleFrame({ absPath }), 'javascript')
  expect(at('chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb/inject.js')).toBe('extension inject.js')
  expect(at('moz-extension://0c9e7f64-2f0b-4f6e-9a51-7f3e1c0d2b4a/inject.js')).toBe('extension inject.js')
  expect(at('https://shop.example/cart.js')).toBeNull()
  expect(readExtension(sampleFrame({ absPath: 'chrome-extension://a/x.py' }), 'python')).toBeNull()
})
