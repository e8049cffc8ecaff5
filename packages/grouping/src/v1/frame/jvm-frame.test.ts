import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { readJvmFrame } from './jvm-frame.ts'

function textOf(module: string | null, name: string | null) {
  return readJvmFrame(sampleFrame({ module, function: name, filename: 'Cart.java' }))?.text
}

test.each([
  ['com.example.Cart', 'pay', 'pay in com.example.Cart'],
  ['com.example.Cart$Line', 'total', 'total in com.example.Cart'],
  ['com.example.Cart$$SpringCGLIB$$0', 'pay', 'pay in com.example.Cart'],
  ['com.example.Cart$$Lambda$14/0x0000000800c1', 'accept', 'accept in com.example.Cart'],
  ['com.example.Cart', 'lambda$pay$3', 'pay in com.example.Cart'],
  ['com.example.Cart', '<init>', '<init> in com.example.Cart'],
  // Kotlin's coroutines, Scala's and Clojure's closures.
  ['com.example.Cart$pay$1', 'invokeSuspend', 'pay in com.example.Cart'],
  ['com.example.Cart$$anonfun$pay$1', 'apply', 'pay in com.example.Cart'],
  ['shop.cart$pay$fn__12', 'invoke', 'pay in shop.cart'],
  ['$Proxy', 'pay', 'pay in $Proxy'],
  [null, 'pay', 'pay in Cart.java'],
  ['', 'pay', 'pay in Cart.java'],
])('%s.%s is %s', (module, name, text) => {
  expect(textOf(module, name)).toBe(text)
})

test.each([['a.b.c'], ['a1.b'], ['o'], ['a.b$c']])('what R8 called %s has another name in the next build', (module) => {
  expect(textOf(module, 'a')).toBeUndefined()
})
