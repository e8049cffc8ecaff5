import { expect, test } from 'vitest'
import { maskedJson } from './masked-json.ts'

test('JSON text of anything, however deep', () => {
  let deep: unknown = 1
  for (let level = 0; level < 100_000; level++) deep = [deep]
  expect(maskedJson({ a: [1, 'x'] })).toBe('{"a":[1,"x"]}')
  expect([maskedJson('x'), maskedJson(null), maskedJson(undefined), maskedJson(false)]).toEqual([
    'x',
    null,
    null,
    'false',
  ])
  expect(() => maskedJson(deep)).not.toThrow()
})

test('secrets are masked by name, also in pairs', () => {
  expect(maskedJson({ a: 1, password: 'x', b: [['token', 'y']], c: { name: 'secret', value: 'z' } })).toBe(
    '{"a":1,"password":"[masked]","b":[["token","[masked]"]],"c":{"name":"secret","value":"[masked]"}}',
  )
  expect(maskedJson({ password: null })).toBe('{"password":null}')
})
