import { encode } from '@msgpack/msgpack'
import { expect, test } from 'vitest'
import { MSGPACK_BYTES_MAX, MSGPACK_VALUES_MAX, NESTING_MAX } from './limits.ts'
import { readMsgpack } from './read-msgpack.ts'

const bytesOf = (...values: unknown[]) => Buffer.concat(values.map((value) => encode(value)))
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('values of every kind, one after the other', () => {
  const values = [
    { a: 1, b: [null, true, false, -1, -200, 70_000, -70_000, 2 ** 40, -(2 ** 40), 1.5, 300, 40_000] },
    ['x', 'x'.repeat(40), 'x'.repeat(400), 'x'.repeat(70_000)],
    Array.from({ length: 400 }, () => 0),
    Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`k${index}`, index])),
  ]
  expect(readMsgpack(bytesOf(...values))).toEqual(values)
  expect(readMsgpack(hex('dd 00000001 05 df 00000001 a1 61 05 de 0001 a1 61 05'))).toEqual([[5], { a: 5 }, { a: 5 }])
})

test('what JSON does not know becomes text or null', () => {
  const at = new Date('2026-02-03T12:00:00Z')
  const odd = { at, bytes: Buffer.of(1), nan: Number.NaN, big: Buffer.alloc(300), bigger: Buffer.alloc(70_000) }
  expect(readMsgpack(bytesOf(odd))).toEqual([{ at: at.toISOString(), bytes: null, nan: null, big: null, bigger: null }])
  expect(readMsgpack(hex('d4 05 00 c7 00 05 d8 05 00112233445566778899aabbccddeeff 01'))).toEqual([null, null, null, 1])
})

test.each([
  ['an array of 4 billion', 'dd ffffffff 00'],
  ['arrays of 65,535 in one another', 'dc ffff'.repeat(100)],
  ['a map of 4 billion', 'df ffffffff 00'],
  ['text of 4 billion', 'db ffffffff 00'],
  ['a length that is cut', 'dd ff'],
  ['a number that is cut', 'cf 00'],
  ['a byte that never occurs', 'c1'],
  ['a member __proto__', '81 a9 5f5f70726f746f5f5f 01'],
  ['a key that is a list', '81 90 01'],
])('%s ends the reading; what came before stands', (_, fault) => {
  expect(readMsgpack(Buffer.concat([bytesOf({ a: 1 }), hex(fault)]))).toEqual([{ a: 1 }])
})

test('depth, length and number are bounded', () => {
  const [deep] = readMsgpack(hex(`${'91'.repeat(40_000)}c0`))
  expect(JSON.stringify(deep)).toHaveLength(2 * NESTING_MAX + 'null'.length)
  expect(readMsgpack(Buffer.alloc(MSGPACK_BYTES_MAX + 1))).toEqual([])
  expect(readMsgpack(Buffer.alloc(MSGPACK_BYTES_MAX))).toHaveLength(MSGPACK_VALUES_MAX)
})

test('room is made for what is there, not for what is announced', () => {
  const before = process.memoryUsage().heapUsed
  readMsgpack(hex('dc ffff'.repeat(400))) // half a megabyte each
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(50_000_000)
})
