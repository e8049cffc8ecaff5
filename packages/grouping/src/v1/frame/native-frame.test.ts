import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readNativeFrame } from './native-frame.ts'

test('a function has its classes before it, so it stands alone', () => {
  const frame = sampleFrame({ function: 'shop::Cart::pay(int)', package: '/opt/shop/bin/shop', imageOffset: '0x1f2e' })
  expect(readNativeFrame(frame)).toEqual({ name: 'shop::Cart::pay', text: 'shop::Cart::pay' })
})

test('without symbols the place in the image tells', () => {
  const text = '0x1f2e in shop.dll'
  const frame = sampleFrame({ package: 'C:\\shop\\shop.dll', imageOffset: '0x1f2e' })
  expect(readNativeFrame(frame)).toEqual({ name: text, text })
  expect(readNativeFrame({ ...frame, package: null })?.text).toBe('0x1f2e in ?')
  expect(readNativeFrame({ ...frame, imageOffset: null })).toBeNull()
})
