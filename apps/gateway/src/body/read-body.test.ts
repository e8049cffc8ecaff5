import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { Refusal } from '../answer/refusal.ts'
import { createBytesInFlight } from './bytes-in-flight.ts'
import { createBodyReader } from './read-body.ts'

const BYTES_MAX = 1000
const IN_FLIGHT_MAX = 1500

let server: Server
let port: number
/** What became of the next request's body: the bytes, or why there are none. */
let next: PromiseWithResolvers<Buffer | Error>
let unwanted: AbortController
const inFlight = createBytesInFlight(IN_FLIGHT_MAX)
const reader = createBodyReader({ firstByteMs: 500, wholeMs: 1_500 }, inFlight)

beforeAll(async () => {
  server = createServer((incoming, response) => {
    const { resolve } = next
    void reader
      .read(incoming, BYTES_MAX, unwanted.signal)
      .then((body) => {
        inFlight.give(body.length)
        return body
      })
      .catch((error: Error) => error)
      .then(resolve)
      .finally(() => response.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  port = typeof address === 'object' && address ? address.port : 0
})

afterEach(() => {
  expect(inFlight.bytes, 'every byte taken is given back').toBe(0)
})

afterAll(() => {
  reader.stop()
  server.closeAllConnections()
  server.close()
})

/** Speaks HTTP by hand, so that a test decides what is sent and when. */
async function open(head: string): Promise<Socket> {
  next = Promise.withResolvers()
  unwanted = new AbortController()
  const arrived = once(server, 'request')
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => socket.destroy())
  socket.write(`POST / HTTP/1.1\r\nHost: test\r\n${head}\r\n\r\n`)
  await arrived
  return socket
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}

test('a body of exactly the bound is read whole', async () => {
  const body = Buffer.alloc(BYTES_MAX, 'x')
  const socket = await open(`Content-Length: ${BYTES_MAX}`)
  socket.write(body.subarray(0, 10))
  socket.end(body.subarray(10))
  expect(await next.promise).toEqual(body)
})

test('an empty body is an empty buffer', async () => {
  const socket = await open('Content-Length: 0')
  expect(await next.promise).toEqual(Buffer.alloc(0))
  socket.end()
})

test('a body that announces too much is refused before any of it is read', async () => {
  const socket = await open(`Content-Length: ${BYTES_MAX + 1}`)
  const body = await next.promise
  expect(body).toBeInstanceOf(Refusal)
  expect(body).toMatchObject({ status: 413 })
  socket.destroy()
})

test('a body in chunks is refused as soon as it has more than the bound, announced or not', async () => {
  const socket = await open('Transfer-Encoding: chunked')
  socket.write(chunk(Buffer.alloc(BYTES_MAX)))
  socket.write(chunk(Buffer.alloc(1)))
  // The last chunk never comes: it is not waited for.
  const body = await next.promise
  expect(body).toMatchObject({ name: 'Refusal', status: 413 })
  socket.destroy()
})

test('chunks are put together in their order', async () => {
  const socket = await open('Transfer-Encoding: chunked')
  for (const part of ['one ', 'two ', 'three']) socket.write(chunk(Buffer.from(part)))
  socket.end('0\r\n\r\n')
  const body = await next.promise
  expect(`${body}`).toBe('one two three')
})

test('a client that leaves half-way is refused, and nobody waits for it for ever', async () => {
  const socket = await open('Content-Length: 100')
  socket.write('half')
  socket.destroy()
  expect(await next.promise).toMatchObject({ name: 'Refusal', status: 400 })
})

test('a client that leaves right after its last byte has sent everything', async () => {
  const socket = await open('Content-Length: 5')
  socket.end('whole')
  socket.destroySoon()
  expect(`${await next.promise}`).toBe('whole')
})

test('a body nobody waits for any more is not waited for', async () => {
  const socket = await open('Content-Length: 100')
  socket.write('half')
  unwanted.abort()
  expect(await next.promise).toMatchObject({ name: 'Refusal', status: 400 })
  socket.destroy()
})

test('a body that does not begin, or does not end, is not waited for', async () => {
  const silent = await open('Content-Length: 100')
  expect(await next.promise).toMatchObject({
    status: 408,
    message: expect.stringContaining('BODY_FIRST_BYTE_TIMEOUT_SECS'),
  })
  silent.destroy()
  const slow = await open('Content-Length: 100')
  slow.write('a')
  expect(await next.promise).toMatchObject({ status: 408, message: expect.stringContaining('BODY_TIMEOUT_SECS') })
  slow.destroy()
})

test('a body for which there is no room beside the others is refused, and the others are read on', async () => {
  const first = await open('Content-Length: 1000')
  first.write(Buffer.alloc(900))
  const whole = next.promise
  await expect.poll(() => inFlight.bytes).toBe(900)
  const second = await open('Content-Length: 1000')
  second.write(Buffer.alloc(900))
  expect(await next.promise).toMatchObject({ name: 'LimitedError', limit: { reason: 'overload_bytes' } })
  first.end(Buffer.alloc(100))
  expect(await whole).toHaveLength(1000)
  second.destroy()
})
