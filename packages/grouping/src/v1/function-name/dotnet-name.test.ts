import { describe, expect, test } from 'vitest'
import { classInName, isGeneric, methodInClass, readDotnetClass, readDotnetMethod } from './dotnet-name.ts'

describe('a method is what somebody wrote', () => {
  test.each([
    ['Pay', 'Pay'],
    ['Shop.Cart.Pay', 'Pay'],
    ['Pay(Order order)', 'Pay'],
    // Async machines.
    ['<PayAsync>d__12.MoveNext', 'PayAsync'],
    ['CartService.<PayAsync>d__3.MoveNext', 'PayAsync'],
    // Lambdas and local functions.
    ['<Pay>b__0', 'Pay'],
    ['<>c__DisplayClass3_0.<Pay>b__1', 'Pay'],
    ['<Pay>g__Charge|12_0', 'Pay'],
    ['Pay { <lambda> }', 'Pay'],
    // Generics.
    ['Pay`1', 'Pay'],
    ['Pay<Order>', 'Pay'],
    ['Pay[TOrder]', 'Pay'],
    // Unity.
    ['Shop.Cart:Pay (Shop.Order)', 'Cart:Pay'],
    ['Shop.Cart.Pay (Shop.Order order) (at Assets/Cart.cs:17)', 'Pay'],
    ['Shop.Cart+<PayAsync>d__3.MoveNext ()', 'PayAsync'],
    ['.ctor', 'ctor'],
  ])('%s is %s', (name, read) => {
    expect(readDotnetMethod(name)).toBe(read)
  })
})

describe('a class is what somebody wrote', () => {
  test.each([
    ['Shop.Cart', 'Shop.Cart'],
    ['Shop.Cart+<PayAsync>d__12', 'Shop.Cart'],
    ['Shop.Cart+<>c__DisplayClass3_0', 'Shop.Cart'],
    ['Shop.Cart/<PayAsync>d__12', 'Shop.Cart'],
    ['Shop.Repository`1[[Shop.Order, Shop]]', 'Shop.Repository'],
    ['Shop.Repository<Order>', 'Shop.Repository'],
    ['Shop.Cart+Line', 'Shop.Cart+Line'],
  ])('%s is %s', (module, read) => {
    expect(readDotnetClass(module)).toBe(read)
  })

  test.each([
    ['Shop.Cart.Pay (Shop.Order order)', 'Shop.Cart'],
    ['Shop.Cart+<PayAsync>d__3.MoveNext ()', 'Shop.Cart'],
    ['Pay', ''],
  ])('in %s it is %j', (name, read) => {
    expect(classInName(name)).toBe(read)
  })
})

test('the class of an async machine tells its method', () => {
  expect(methodInClass('Shop.Cart+<PayAsync>d__12')).toBe('PayAsync')
  expect(methodInClass('Shop.Cart+<>c__DisplayClass3_0')).toBeNull()
})

test('a class over any type is told from others', () => {
  expect(isGeneric('Shop.Repository`1')).toBe(true)
  expect(isGeneric('Shop.Repository<Order>')).toBe(true)
  expect(isGeneric('Shop.Cart')).toBe(false)
})
