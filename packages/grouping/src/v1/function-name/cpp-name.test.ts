import { describe, expect, test } from 'vitest'
import { readCppName } from './cpp-name.ts'

describe('C and C++', () => {
  test.each([
    ['pay', 'pay'],
    ['shop::Cart::pay(shop::Order const&, int)', 'shop::Cart::pay'],
    ['shop::Cart::total() const', 'shop::Cart::total'],
    ['std::vector<int> shop::Cart::lines()', 'shop::Cart::lines'],
    ['void __cdecl shop::Cart::pay(class Order *)', 'shop::Cart::pay'],
    ['shop::Repository<shop::Order, std::less<int> >::find(int)', 'shop::Repository::find'],
    ['shop::max<int>(int, int)', 'shop::max'],
    ['shop::Cart::operator()(int)', 'shop::Cart::operator()'],
    ['shop::Cart::operator<<(int)', 'shop::Cart::operator<<'],
    ['shop::Cart::operator[](int)', 'shop::Cart::operator[]'],
    ['shop::Cart::operator bool() const', 'shop::Cart::operator_bool'],
    ['shop::operator==(Cart const&, Cart const&)', 'shop::operator=='],
    // Clones and versions.
    ['pay.cold', 'pay'],
    ['pay.isra.0', 'pay'],
    ['pay.constprop.0.isra.3', 'pay'],
    ['pay.part.1.cold', 'pay'],
    ['pay.llvm.1234567890', 'pay'],
    ['pay(int) [clone .cold]', 'pay'],
    ['pay[abi:cxx11](int)', 'pay'],
    ['memcpy@plt', 'memcpy'],
    ['memcpy@@GLIBC_2.14', 'memcpy'],
    ['pay@12', 'pay'],
    // Namespaces without a name.
    ['(anonymous namespace)::pay(int)', '{anonymous}::pay'],
    ["shop::`anonymous namespace'::pay", 'shop::{anonymous}::pay'],
    ['shop::?A0x1a2b3c4d::pay', 'shop::{anonymous}::pay'],
    ['shop::<unnamed>::pay', 'shop::{anonymous}::pay'],
    // Lambdas.
    ['shop::Cart::pay()::{lambda(int)#1}::operator()(int) const', 'shop::Cart::pay'],
    ['shop::Cart::pay::<lambda_1a2b>::operator()', 'shop::Cart::pay'],
    ['shop::Cart::pay()::$_0::operator()', 'shop::Cart::pay'],
    ["shop::Cart::pay(int)::'lambda'(int)::operator()(int) const", 'shop::Cart::pay'],
  ])('%s is %s', (name, read) => {
    expect(readCppName(name)).toBe(read)
  })
})

describe('Rust', () => {
  test.each([
    ['shop::cart::pay', 'shop::cart::pay'],
    ['shop::cart::pay::h0123456789abcdef', 'shop::cart::pay'],
    ['shop::cart::pay::{{closure}}', 'shop::cart::pay'],
    ['shop::cart::pay::{closure#0}', 'shop::cart::pay'],
    ['shop::cart::pay::{closure_env#0}', 'shop::cart::pay'],
    ['shop::cart::pay::{async_fn_env#0}', 'shop::cart::pay'],
    ['<shop::Cart as shop::Payable>::pay', 'shop::Cart::pay'],
    ['<shop::Cart<T> as core::iter::Iterator<Item = u8>>::next', 'shop::Cart::next'],
    ['<&mut shop::Cart as shop::Payable>::pay', 'shop::Cart::pay'],
    ['shop::Repository<T>::find', 'shop::Repository::find'],
    ['shop::find::<shop::Order>', 'shop::find'],
  ])('%s is %s', (name, read) => {
    expect(readCppName(name)).toBe(read)
  })
})

test('a thousand spaces behind a name take no time', () => {
  const before = process.cpuUsage()
  readCppName(`pay${' '.repeat(1000)}x`)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(1000)
})
