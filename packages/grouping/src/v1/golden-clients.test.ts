import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { groupV1 } from './v1.ts'

/** The key of an event under strategy `stack`. These lines change only together with the mechanism's name. */
function keyOf(fields: Parameters<typeof sampleEvent>[0]): string {
  return groupV1(sampleEvent(fields), 'stack').key
}

describe('keys of native events', () => {
  const frame = (name: string | null, image: string, imageOffset: string | null = null) =>
    sampleFrame({ function: name, package: image, imageOffset, inApp: true })

  test('a crash in C++ below an allocator', () => {
    const frames = [
      frame('main', '/opt/shop/bin/shop'),
      frame('shop::Cart::lines(std::vector<int, std::allocator<int> > const&) const', '/opt/shop/bin/shop'),
      frame('std::vector<int>::at(unsigned long)', '/opt/shop/bin/shop'),
      frame('abort', '/lib/x86_64-linux-gnu/libc.so.6'),
    ]
    expect(keyOf({ platform: 'native', exceptions: [sampleException('SIGABRT', 'Abort', frames)] })).toBe(
      'shop::Cart::lines',
    )
  })

  test('a crash without symbols', () => {
    const frames = [frame(null, 'C:\\shop\\shop.exe', '0x1f2e0')]
    const exceptions = [sampleException('EXCEPTION_ACCESS_VIOLATION_READ', 'x', frames)]
    expect(keyOf({ platform: 'native', exceptions })).toBe('0x1f2e0 in shop.exe')
  })

  test('a panic in Rust', () => {
    const frames = [
      frame('std::rt::lang_start', '/opt/shop'),
      frame('<shop::Cart as shop::Payable>::pay::{{closure}}::h0123456789abcdef', '/opt/shop'),
      frame('core::option::unwrap_failed', '/opt/shop'),
    ]
    expect(keyOf({ platform: 'native', exceptions: [sampleException('panic', 'called unwrap on None', frames)] })).toBe(
      'panic ⋄ shop::Cart::pay',
    )
  })
})

describe('keys of Apple events', () => {
  const frame = (name: string, image = '/App.app/Shop', inApp = true) =>
    sampleFrame({ function: name, package: image, inApp })

  test('a crash in a closure of Swift', () => {
    const frames = [
      frame('UIApplicationMain', '/System/Library/UIKitCore.framework/UIKitCore', false),
      frame('closure #1 in CartView.body.getter'),
      frame('specialized Cart.pay(order:)'),
    ]
    const exceptions = [sampleException('EXC_BREAKPOINT', 'Fatal error: no total', frames)]
    expect(keyOf({ platform: 'cocoa', exceptions })).toBe('Cart.pay(order:)')
  })

  test('an exception of Objective-C', () => {
    const frames = [
      frame('-[Cart payWithOrder:]'),
      frame('-[__NSArrayM objectAtIndex:]', '/System/Library/CoreFoundation.framework/CoreFoundation', false),
    ]
    const exceptions = [sampleException('NSRangeException', 'index 7 beyond bounds', frames)]
    expect(keyOf({ platform: 'cocoa', exceptions })).toBe('NSRangeException ⋄ -[Cart payWithOrder:]')
  })

  test('an error of the system, in the language of the device', () => {
    const exceptions = [
      sampleException('NSError', 'Es besteht keine Verbindung.', [], { code: 'NSURLErrorDomain -1009' }),
    ]
    expect(keyOf({ platform: 'cocoa', exceptions })).toBe('NSError ⋄ NSURLErrorDomain -1009')
  })

  test('an app that hangs', () => {
    const frames = [frame('main'), frame('-[Cart sync]'), frame('-[Store flush]'), frame('-[File write]')]
    const exceptions = [sampleException('App Hanging', 'App hanging for at least 2000 ms.', frames)]
    expect(keyOf({ platform: 'cocoa', exceptions })).toBe('App Hanging ⋄ -[Cart sync]')
  })
})

describe('keys of Android events', () => {
  const frame = (name: string, module: string) => sampleFrame({ function: name, module, filename: 'Some.kt' })

  test('an error in a coroutine', () => {
    const frames = [
      frame('run', 'kotlinx.coroutines.DispatchedTask'),
      frame('invokeSuspend', 'com.example.shop.Cart$pay$1'),
    ]
    expect(keyOf({ platform: 'java', exceptions: [sampleException('IllegalStateException', 'x', frames)] })).toBe(
      'IllegalStateException ⋄ pay in com.example.shop.Cart',
    )
  })

  test('an error whose names R8 changed', () => {
    const frames = [frame('a', 'a.b.c'), frame('b', 'd.e')]
    expect(
      keyOf({ platform: 'java', exceptions: [sampleException('IllegalStateException', 'no cart 17', frames)] }),
    ).toBe('IllegalStateException: no cart <*>')
  })
})

describe('keys of Flutter events', () => {
  const frame = (name: string | null, absPath: string) =>
    sampleFrame({ function: name, filename: absPath.slice(absPath.lastIndexOf('/') + 1), absPath })

  test('an error in a build method', () => {
    const frames = [
      frame('StatelessElement.build', 'package:flutter/src/widgets/framework.dart'),
      frame('CartPage.build.<anonymous closure>', 'package:shop/cart_page.dart'),
      frame('List.[]', 'dart:core-patch/growable_array.dart'),
    ]
    expect(keyOf({ platform: 'dart', exceptions: [sampleException('RangeError', 'x', frames)] })).toBe(
      'RangeError ⋄ CartPage.build in cart_page.dart',
    )
  })
})

describe('keys of Unity events', () => {
  test('an error in a coroutine', () => {
    const frames = [
      sampleFrame({ function: 'UnityEngine.SetupCoroutine.InvokeMoveNext (…)', inApp: true }),
      sampleFrame({ function: 'Shop.Cart+<Pay>d__7.MoveNext ()', filename: 'Assets/Cart.cs', inApp: true }),
    ]
    expect(keyOf({ platform: 'csharp', exceptions: [sampleException('NullReferenceException', 'x', frames)] })).toBe(
      'NullReferenceException ⋄ Pay in Cart',
    )
  })
})
