import { describe, expect, test } from 'vitest'
import { isSystemCode } from './system-code.ts'

describe('a function of the system, the runtime or the engine', () => {
  test.each([
    // C and C++.
    ...['abort', '__assert_fail', 'raise', 'memcpy', 'strlen', 'malloc', 'free', 'std::sort', '__cxa_throw', 'main'],
    ...['operator new(unsigned long)', 'start_thread', 'clone3', '_start', '__libc_start_main', 'pthread_kill'],
    ...['BaseThreadInitThunk', 'RtlUserThreadStart', '_CxxThrowException', 'invoke_main'],
    // Apple.
    ...['objc_msgSend', '-[UIApplication _run]', '-[NSException raise]', '_dispatch_call_block_and_release'],
    ...['swift_unknownObjectRelease', 'UIApplicationMain', 'CFRunLoopRunSpecific'],
    // Rust.
    ...['rust_begin_unwind', 'core::panicking::panic', '<T as core::convert::Into<U>>::into', 'tokio::runtime::run'],
    // Engines.
    ...['FDebug::CheckVerifyFailedImpl', 'FEngineLoop::Tick', 'UWorld::Tick', 'TArray<int>::Add', 'il2cpp::vm::Raise'],
    'List_1_get_Item_m0A1B2C3D4E5F60718293A4B5C6D7E8F901234567',
  ])('%s', (name) => {
    expect(isSystemCode(name, '/opt/shop/bin/shop')).toBe(true)
  })
})

describe('a file of the system', () => {
  test.each([
    ['/usr/lib/x86_64-linux-gnu/libfoo.so'],
    ['/lib64/ld-2.31.so'],
    ['/system/lib64/libandroid.so'],
    ['/apex/com.android.runtime/lib64/bionic/libfoo.so'],
    ['C:\\Windows\\System32\\foo.dll'],
    ['D:\\game\\UnityPlayer.dll'],
    ['/data/app/lib/arm64/libunity.so'],
    ['/private/var/App.app/Frameworks/Foo.framework/Foo'],
  ])('%s', (path) => {
    expect(isSystemCode('pay', path)).toBe(true)
  })
})

test.each([
  ['shop::Cart::pay', '/opt/shop/bin/shop'],
  ['-[Cart pay]', '/App.app/Shop'],
  ['pay_main', '/opt/libraries/libshop.so'],
  ['remain', null],
  [null, 'D:\\game\\Game.exe'],
  [null, null],
])('%s of %s is the application’s', (name, path) => {
  expect(isSystemCode(name, path)).toBe(false)
})
