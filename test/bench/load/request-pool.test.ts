import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type PooledRequest, requestPool, type Shape } from './request-pool.ts'

const TARGET = { port: 3000, projectId: '1', publicKey: 'a'.repeat(32) }
const ID = '0123456789abcdef0123456789abcdef'

/** The body of a request after it was renewed, as its server decodes it. */
function renewed(shape: Shape, request: PooledRequest | undefined): string[] {
  request?.renew('f'.repeat(32))
  request?.renew(ID)
  const bytes = request?.bytes ?? Buffer.alloc(0)
  const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
  expect(bytes.toString('latin1')).toContain(`Content-Length: ${body.length}\r\n`)
  return (shape === 'plain' ? body : gunzipSync(body)).toString().split('\n')
}

test.for(['gzip', 'plain'] as const)('a renewed %s request is whole, and names its event twice', (shape) => {
  const pool = requestPool(shape, TARGET)
  for (const at of [0, 7, 999]) {
    const [header = '', , event = ''] = renewed(shape, pool[at])
    expect(JSON.parse(header)).toMatchObject({ event_id: ID })
    expect(JSON.parse(event)).toMatchObject({ event_id: ID })
  }
})

test('bodies are as large as the budget says: about 16 KB, about 4.5 KB of gzip', () => {
  const sizes = requestPool('gzip', TARGET).map(({ bytes }) => bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(sizes.map((body) => body.length))).toBeCloseTo(4_600, -3)
  expect(mean(sizes.map((body) => gunzipSync(body).length))).toBeCloseTo(16_000, -3.5)
})

test('of varied requests five of six name a user of their own, another one each time', () => {
  const requests = requestPool('varied', TARGET).slice(0, 100)
  const users = requests.map((request) => JSON.parse(renewed('varied', request)[2] ?? '{}').user.id)
  expect(users.filter((user) => user === ID)).toHaveLength(83)
  expect(new Set(users.filter((user) => user !== ID)).size).toBeGreaterThan(10)
})

test('of many sizes seven of ten are about 4 KB, a quarter 16 and one in twenty 50, whoever sends them', () => {
  const requests = requestPool('sizes', TARGET).slice(0, 200)
  for (const kind of [0, 1]) {
    const ofKind = requests.filter((_, n) => n % 2 === kind)
    const sizes = ofKind.map((request) => gzipSync(renewed(kind === 0 ? 'gzip' : 'plain', request).join('\n')).length)
    const between = (low: number, high: number) => sizes.filter((size) => size > low && size < high).length
    expect([between(3_000, 6_500), between(11_000, 21_000), between(38_000, 62_000)]).toEqual([70, 25, 5])
  }
})
