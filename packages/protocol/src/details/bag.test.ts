import { describe, expect, test } from 'vitest'
import { readBag, readBagObject } from './bag.ts'
import type { Cut } from './trail.ts'

function bag(value: unknown, depthMax = 5, bytesMax = 2048) {
  const cuts: Cut[] = []
  return { bag: readBag(value, { depthMax, bytesMax }, { path: ['x'], cuts }), cuts }
}

test.each([[null], [true], [1.5], ['a'], [''], [[1, [2]]], [{ a: { b: [] } }]])('%j stays as it is', (value) => {
  expect(bag(value)).toEqual({ bag: value, cuts: [] })
})

test('what JSON cannot hold is null', () => {
  expect(bag([JSON.parse('1e400'), Number.NaN, undefined, () => 1]).bag).toEqual([null, null, null, null])
})

test('containers deeper than the limit become their JSON text, secrets in them masked', () => {
  expect(bag({ a: { b: { c: 1, password: 'x' } } }, 2).bag).toEqual({ a: { b: '{"c":1,"password":"[masked]"}' } })
  expect(bag([[['token', 'x']]], 1).bag).toEqual(['[["token","[masked]"]]'])
})

test('nesting of 10,000 levels is safe', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`)
  expect(JSON.stringify(bag(deep).bag).length).toBeLessThan(2200)
})

describe('secrets', () => {
  test.each<[unknown, unknown]>([
    [
      { password: 'x', nested: { api_key: { a: 1 } } },
      { password: '[masked]', nested: { api_key: '[masked]' } },
    ],
    [{ password: null }, { password: null }],
    [[['Authorization', 'x']], [['Authorization', '[masked]']]],
    [[{ name: 'token', value: 'x' }], [{ name: 'token', value: '[masked]' }]],
    ['http://u:p@h/?token=1', 'http://h/?token=[masked]'],
    ['{"a": 1, "password": "x\\"y", "b": 2', '{"a": 1, "password": "[masked]", "b": 2'],
    ["{'secret': 'never ends", "{'secret': '[masked]'"],
  ])('of %j are masked', (value, expected) => {
    expect(bag(value).bag).toEqual(expected)
  })
})

describe('a full bag', () => {
  test('drops the rest and says how much there was', () => {
    const { bag: kept, cuts } = bag({ a: 'x'.repeat(60), b: 'y'.repeat(60), c: 1 }, 5, 100)
    expect(Object.keys(Object(kept))).toEqual(['a', 'b'])
    expect(cuts.at(-1)).toEqual({ path: ['x'], length: 3, remark: ['!limit', 'x'] })
  })
  test('cuts the text that fills it', () => {
    const { bag: kept, cuts } = bag('x'.repeat(500), 5, 100)
    expect(kept).toBe(`${'x'.repeat(97)}...`)
    expect(cuts).toEqual([{ path: ['x'], length: 500, remark: ['!limit', 's', 97, 100] }])
  })
  test('counts bytes, not characters', () => {
    expect(Buffer.byteLength(String(bag('\u{1f600}'.repeat(500), 5, 100).bag))).toBeLessThanOrEqual(100)
  })
  test.each([
    ['a list', Array(100_000).fill(0)],
    ['an object', Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`k${i}`, i]))],
  ])('has few elements of %s of very many', (_name, value) => {
    expect(Object.keys(Object(bag(value).bag)).length).toBeLessThan(300)
  })
})

test('__proto__ is a member like others', () => {
  const { bag: kept } = bag(JSON.parse('{"__proto__":{"polluted":1}}'))
  expect(JSON.stringify(kept)).toBe('{"__proto__":{"polluted":1}}')
  expect(Object(kept).polluted).toBeUndefined()
})

test('an object with nothing in it is none', () => {
  for (const value of [{}, [], null, 'x', 7]) {
    expect(readBagObject(value, { depthMax: 2, bytesMax: 99 }, { path: [], cuts: [] })).toBeNull()
  }
})
