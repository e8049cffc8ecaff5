import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Listening, listen } from './listen.ts'

const OPTIONS = {
  host: '127.0.0.1',
  port: 0,
  portVariable: 'SOME_PORT',
  headerBytesMax: 2048,
  headersMs: 500,
  connectionsMax: 5,
}

let server: Listening

beforeAll(async () => {
  server = await listen(() => new Response('hello'), OPTIONS)
})

afterAll(() => server.close())

/** A client that keeps its own side of the connection open, whatever the server does with the other. */
async function open(text = ''): Promise<{ socket: Socket; received: () => string }> {
  const socket = connect({ port: server.port, host: OPTIONS.host, allowHalfOpen: true })
  let received = ''
  socket.on('data', (bytes) => (received += bytes)).on('error', () => socket.destroy())
  await once(socket, 'connect')
  socket.write(text)
  return { socket, received: () => received }
}

async function answerTo(text: string): Promise<string> {
  const { socket, received } = await open(text)
  await expect.poll(received, { timeout: 5_000 }).not.toBe('')
  await expect.poll(server.connections, { timeout: 5_000 }).toBe(0)
  socket.destroy()
  return received()
}

test('headers that do not end are answered 408, and their connection is given up', async () => {
  const answer = await answerTo('POST / HTTP/1.1\r\nHost: x\r\nX-Slow: ')
  expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  expect(answer).toContain('REQUEST_HEADER_TIMEOUT_SECS')
  expect(answer).toContain('Access-Control-Allow-Origin: *')
})

test('headers without end are answered 431, and their connection is given up', async () => {
  const answer = await answerTo(`GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(4096)}\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1\.1 431 /)
  expect(answer).toContain('MAX_REQUEST_HEADER_BYTES')
})

test('what is no HTTP at all is answered 400, and its connection is given up', async () => {
  expect(await answerTo('hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
})

test('a Host that is none is answered 400, readable from every origin', async () => {
  const { socket, received } = await open('GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n')
  await expect.poll(received).toMatch(/^HTTP\/1\.1 400 [\s\S]*access-control-allow-origin: \*/i)
  socket.destroy()
})

test('a port that is taken is a sentence that names the variable', async () => {
  const taken = listen(() => new Response(''), { ...OPTIONS, port: server.port })
  await expect(taken).rejects.toThrow(`port ${server.port} is taken: set SOME_PORT to another`)
})
