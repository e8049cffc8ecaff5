import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { conform, type Door, error, keyed } from '../support/conform.ts'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { chunkedPost, rawPost, sendThenRead } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { ROUTES } from './routes.ts'

// What a request may cost: each limit has a name, and the answer says which one it was.

const KiB = 1024

let stack: Stack
let project: AddedProject
let door: Door
let narrow: string

beforeAll(async () => {
  stack = await startStack({ gateways: 0, workers: 0 })
  const gateway = await stack.addGateway({
    MAX_COMPRESSED_PAYLOAD_BYTES: `${8 * KiB}`,
    MAX_REQUEST_HEADER_BYTES: `${4 * KiB}`,
    REQUEST_HEADER_TIMEOUT_SECS: '1',
    BODY_FIRST_BYTE_TIMEOUT_SECS: '1',
    BODY_TIMEOUT_SECS: '2',
    MAX_EVENT_BYTES: `${4 * KiB}`,
  })
  narrow = `http://127.0.0.1:${gateway.port}`
  project = await addProject(stack, 'Limits')
  door = { stack, url: narrow, project }
})

afterAll(() => stack?.stop())

const TOO_LARGE = error('request body exceeds MAX_COMPRESSED_PAYLOAD_BYTES')

describe('a body over MAX_COMPRESSED_PAYLOAD_BYTES is refused', () => {
  // More than the system buffers on its way: a gateway that hangs up leaves the sender without the answer.
  const tooLarge = Buffer.alloc(16 * KiB * KiB, ' ')
  const path = () => keyed(project, 'envelope/')

  test('when it announces its length', async () => {
    const answer = await sendThenRead(narrow, rawPost(path(), { 'Content-Length': `${tooLarge.length}` }, tooLarge))
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*MAX_COMPRESSED_PAYLOAD_BYTES/)
  })
  test('when it comes in chunks', async () => {
    const answer = await sendThenRead(narrow, chunkedPost(path(), tooLarge))
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*MAX_COMPRESSED_PAYLOAD_BYTES/)
  })
  test('before it is sent, when the client asks first', async () => {
    const connection = await openRawConnection(narrow)
    connection.write(rawPost(path(), { 'Content-Length': '9999', Expect: '100-continue' }, ''))
    expect(await connection.received(/HTTP\/1\.1 413 [\s\S]*MAX_COMPRESSED_PAYLOAD_BYTES/)).toContain('413')
    connection.close()
  })

  const posts = ROUTES.filter(({ name }) => name.startsWith('POST'))
  test.each(posts)('at $name as well', async ({ request }) => {
    const body = ' '.repeat(8 * KiB + 1)
    await conform(door, {
      name: 'too large',
      request: (to) => ({ ...request(to), body }),
      status: 413,
      body: TOO_LARGE,
    })
  })

  test('and one of exactly that size is not', async () => {
    const body = makeEnvelope(makeEvent()).padEnd(8 * KiB)
    await conform(door, { name: 'fits', request: (to) => ({ path: keyed(to, 'envelope/'), body }), status: 200 })
  })
})

test('an event over MAX_EVENT_BYTES at /store/ is refused, compressed or not', async () => {
  const event = JSON.stringify(makeEvent({ extra: { text: 'x'.repeat(5 * KiB) } }))
  const request =
    (body: string | Buffer<ArrayBuffer>, headers = {}) =>
    (to: AddedProject) => ({ path: keyed(to, 'store/'), headers, body })
  const refused = { status: 413, body: error('event exceeds MAX_EVENT_BYTES') }
  await conform(door, { name: 'plain', request: request(event), ...refused })
  await conform(door, { name: 'gzip', request: request(gzipSync(event), { 'content-encoding': 'gzip' }), status: 413 })
})

describe('headers over MAX_REQUEST_HEADER_BYTES are refused', () => {
  const headers: readonly [what: string, headers: Record<string, string>][] = [
    ['in one of them', { 'X-Long': 'x'.repeat(5 * KiB) }],
    ['in many together', Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`X-Header-${n}`, 'x'.repeat(50)]))],
  ]
  test.each(headers)('%s', async (_what, given) => {
    const answer = await sendThenRead(
      narrow,
      rawPost(keyed(project, 'envelope/'), { ...given, 'Content-Length': '0' }, ''),
    )
    expect(answer).toMatch(/^HTTP\/1\.1 431 [\s\S]*MAX_REQUEST_HEADER_BYTES/)
    expect(answer).toMatch(/^access-control-allow-origin: \*\r$/im)
  })
  test('in the address', async () => {
    const path = keyed(project, 'envelope/', `&x=${'y'.repeat(5 * KiB)}`)
    expect(await sendThenRead(narrow, rawPost(path, { 'Content-Length': '0' }, ''))).toMatch(/^HTTP\/1\.1 4(14|31) /)
  })
  test('and the largest that real SDKs send are not', async () => {
    const baggage = `sentry-trace_id=${'a'.repeat(32)},`.repeat(20)
    await conform(door, {
      name: 'baggage',
      request: (to) => ({ path: keyed(to, 'envelope/'), headers: { baggage }, body: '{}\n' }),
      status: 200,
    })
  })
})

describe('a client that takes its time is answered 408', () => {
  test('when no byte of its body comes within BODY_FIRST_BYTE_TIMEOUT_SECS', async () => {
    const connection = await openRawConnection(narrow)
    connection.write(rawPost(keyed(project, 'envelope/'), { 'Content-Length': '10' }, ''))
    expect(await connection.received(/^HTTP\/1\.1 408 [\s\S]*\}/)).toContain('BODY_FIRST_BYTE_TIMEOUT_SECS')
    connection.close()
  })

  test('when its body is not there within BODY_TIMEOUT_SECS, though a byte comes now and then', async () => {
    const connection = await openRawConnection(narrow)
    connection.write(rawPost(keyed(project, 'envelope/'), { 'Content-Length': '1000' }, '{'))
    const dripping = setInterval(() => connection.write(' '), 200)
    try {
      expect(await connection.received(/^HTTP\/1\.1 408 [\s\S]*\}/)).toContain('BODY_TIMEOUT_SECS')
    } finally {
      clearInterval(dripping)
      connection.close()
    }
  })

  test('when its chunks do not end within BODY_TIMEOUT_SECS', async () => {
    const connection = await openRawConnection(narrow)
    connection.write(rawPost(keyed(project, 'envelope/'), { 'Transfer-Encoding': 'chunked' }, '1\r\n{\r\n'))
    expect(await connection.received(/^HTTP\/1\.1 408 [\s\S]*\}/)).toContain('BODY_TIMEOUT_SECS')
    connection.close()
  })

  test('when its headers are not there within REQUEST_HEADER_TIMEOUT_SECS', async () => {
    const connection = await openRawConnection(narrow)
    connection.write('POST /api/1/envelope/ HTTP/1.1\r\nHost: x\r\n')
    await connection.received(/^HTTP\/1\.1 408 /)
    connection.close()
  })
})

test('a body that ends before its length is nobody’s event', async () => {
  const own = await addProject(stack, 'Cut')
  const connection = await openRawConnection(narrow)
  const body = makeEnvelope(makeEvent())
  connection.write(rawPost(keyed(own, 'envelope/'), { 'Content-Length': `${body.length + 1}` }, body))
  connection.close()
  // The next request of the same sender is behind it: when that is kept, the first would be.
  await conform(
    { ...door, project: own },
    { name: 'next', request: (to) => ({ path: keyed(to, 'envelope/'), body: '{}\n' }), status: 200 },
  )
  const archives = await stack.sql`SELECT wire_bytes FROM archive WHERE project_id = ${own.id}`
  expect(archives).toEqual([{ wire_bytes: 3 }])
})
