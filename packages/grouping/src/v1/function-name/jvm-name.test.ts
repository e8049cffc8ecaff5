import { describe, expect, test } from 'vitest'
import { readBodyClass, readJvmClass, readJvmMethod } from './jvm-name.ts'

describe('a class is what somebody wrote', () => {
  test.each([
    ['shop.Cart', 'shop.Cart'],
    ['shop.Cart$Line', 'shop.Cart$Line'],
    // Anonymous classes and lambdas.
    ['shop.Cart$1', 'shop.Cart'],
    ['shop.Cart$$Lambda$14/0x0000000800c1', 'shop.Cart'],
    ['shop.Cart$$Lambda/0x7f', 'shop.Cart'],
    ['shop.Cart$pay$1', 'shop.Cart$pay'],
    ['shop.Cart$$ExternalSyntheticLambda0', 'shop.Cart'],
    // Proxies.
    ['shop.Cart$$EnhancerBySpringCGLIB$$1a2b3c4d', 'shop.Cart'],
    ['shop.Cart$$SpringCGLIB$$0', 'shop.Cart'],
    ['shop.Cart$$FastClassBySpringCGLIB$$9f', 'shop.Cart'],
    ['shop.Cart$HibernateProxy$aB3dE5', 'shop.Cart'],
    ['shop.Cart$ByteBuddy$x7Yz', 'shop.Cart'],
    ['shop.Cart$MockitoMock$123', 'shop.Cart'],
    ['shop.Cart_$$_jvst1a2_0', 'shop.Cart'],
    ['shop.Cart_$$_WeldClientProxy', 'shop.Cart'],
    ['shop.Cart$Proxy7', 'shop.Cart'],
    // Generated accessors and serialisers.
    ['shop.Cart_Accessor_x7', 'shop.Cart'],
    ['shop.Cart$$serializer', 'shop.Cart'],
    // Compose.
    ['shop.ComposableSingletons$CartScreenKt$lambda-3$1', 'shop.CartScreenKt'],
    // Clojure.
    ['shop.cart$pay$fn__1234', 'shop.cart$pay'],
    ['shop.cart$eval__77$pay', 'shop.cart$pay'],
    // A name that begins with dollars is a name.
    ['$$Generated', '$$Generated'],
  ])('%s is %s', (module, read) => {
    expect(readJvmClass(module)).toBe(read)
  })
})

describe('a method is what somebody wrote', () => {
  test.each([
    ['pay', 'pay'],
    ['lambda$pay$3', 'pay'],
    ['lambda$new$0', 'new'],
    ['pay$lambda$3', 'pay'],
    ['pay$lambda-3', 'pay'],
    ['pay$lambda$3$lambda$2', 'pay'],
    ['access$pay', 'pay'],
    ['access$000', ''],
    ['pay$default', 'pay'],
    ['pay$suspendImpl', 'pay'],
    ['pay$1', 'pay'],
    ['$anonfun$pay$2', 'pay'],
    ['<init>', '<init>'],
  ])('%s is %s', (name, read) => {
    expect(readJvmMethod(name)).toBe(read)
  })
})

describe('a body that the compiler put into a class of its own', () => {
  test.each([
    ['shop.Cart$pay', 'invokeSuspend', { module: 'shop.Cart', method: 'pay' }],
    ['shop.Cart$pay$charge', 'invoke', { module: 'shop.Cart', method: 'pay' }],
    ['shop.cart$pay_order', 'invokeStatic', { module: 'shop.cart', method: 'pay_order' }],
    ['shop.cart$pay', 'doInvoke', { module: 'shop.cart', method: 'pay' }],
    ['shop.Cart$$anonfun$pay$1', 'apply', { module: 'shop.Cart', method: 'pay' }],
    ['shop.Cart$$anonfun$pay$1$$anonfun$apply$2', 'apply', { module: 'shop.Cart', method: 'pay' }],
  ])('%s.%s', (module, method, body) => {
    expect(readBodyClass(module, method)).toEqual(body)
  })

  test.each([
    ['shop.Cart$pay', 'run'],
    ['shop.Cart', 'invoke'],
    ['shop.Cart$Line', 'invoke'],
  ])('is none in %s.%s', (module, method) => {
    expect(readBodyClass(module, method)).toBeNull()
  })
})
