import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { ask } from '../support/ask.ts'
import { keyed } from '../support/conform.ts'
import { digestOf } from '../support/digest-of.ts'
import { makeEnvelope, makeEvent } from '../support/post-event.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost, sendAndLeave } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// What HTTP lets a client do besides sending a length and then a body.

let stack: Stack
let project: AddedProject

beforeAll(async () => {
  stack = await startStack()
  project = await addProject(stack, 'Connection')
})

afterAll(() => stack?.stop())

const envelope = () => makeEnvelope(makeEvent())
const lengthOf = (body: string) => ({ 'Content-Length': String(Buffer.byteLength(body)) })

test('a client that asks before it sends its body is told to go on, and answered', async () => {
  const body = envelope()
  const connection = await openRawConnection(stack.gatewayUrl)
  connection.write(rawPost(keyed(project, 'envelope/'), { ...lengthOf(body), Expect: '100-continue' }, ''))
  await connection.received(/^HTTP\/1\.1 100 Continue\r\n/)
  connection.write(body)
  expect(await connection.received(/HTTP\/1\.1 200 OK\r\n[\s\S]*"id"/)).not.toContain(' 417 ')
  connection.close()
})

test('a body in many chunks, cut anywhere, is one body', async () => {
  const own = await addProject(stack, 'Chunks')
  const connection = await openRawConnection(stack.gatewayUrl)
  connection.write(rawPost(keyed(own, 'envelope/'), { 'Transfer-Encoding': 'chunked' }, ''))
  for (const byte of Buffer.from(envelope())) connection.write(`1\r\n${String.fromCharCode(byte)}\r\n`)
  connection.write('0\r\n\r\n')
  await connection.received(/^HTTP\/1\.1 200 /)
  connection.close()
  expect((await digestOf(stack, own)).outcomes).toEqual({ 'event stored': 1 })
})

test('a connection carries one request after the other, refused ones too', async () => {
  const connection = await openRawConnection(stack.gatewayUrl)
  const body = envelope()
  connection.write(rawPost(keyed(project, 'envelope/'), lengthOf(body), body))
  await connection.received(/^HTTP\/1\.1 200 [\s\S]*"id"/)
  connection.write(rawPost(keyed(project, 'envelope/'), lengthOf('no JSON'), 'no JSON'))
  await connection.received(/HTTP\/1\.1 400 [\s\S]*"detail"/)
  connection.write(rawPost(keyed(project, 'nothing/'), lengthOf(body), body))
  await connection.received(/HTTP\/1\.1 404 [\s\S]*"detail"/)
  connection.write(rawPost(keyed(project, 'envelope/'), lengthOf(body), body))
  await connection.received(/HTTP\/1\.1 404 [\s\S]*HTTP\/1\.1 200 /)
  expect(connection.isEnded()).toBe(false)
  connection.close()
})

test('two requests sent at once on one connection are answered both, in their order', async () => {
  const connection = await openRawConnection(stack.gatewayUrl)
  const first = makeEvent()
  const second = makeEvent()
  const requests = [first, second].map((event) => {
    const body = makeEnvelope(event)
    return rawPost(keyed(project, 'envelope/'), lengthOf(body), body)
  })
  connection.write(Buffer.concat(requests))
  await connection.received(new RegExp(`${first.event_id}[\\s\\S]*HTTP/1.1 200 [\\s\\S]*${second.event_id}`))
  connection.close()
})

test.each([
  ['envelope/', () => envelope()],
  ['store/', () => JSON.stringify(makeEvent())],
] as const)('a client that leaves right after its last byte to %s still gets its event stored', async (rest, make) => {
  const own = await addProject(stack, `Leaves ${rest}`)
  const body = make()
  await sendAndLeave(stack.gatewayUrl, rawPost(keyed(own, rest), lengthOf(body), body))
  expect((await digestOf(stack, own)).outcomes).toEqual({ 'event stored': 1 })
})

test('what is no HTTP is answered 400 and harms nobody', async () => {
  const connection = await openRawConnection(stack.gatewayUrl)
  connection.write('\x16\x03\x01 hello\r\n\r\n')
  await connection.received(/^HTTP\/1\.1 400 /)
  connection.close()
  expect((await ask(stack.gatewayUrl, { path: keyed(project, 'envelope/'), body: envelope() })).status).toBe(200)
})

test('two lengths that differ are refused: what is a body to one proxy is a request to the next', async () => {
  const connection = await openRawConnection(stack.gatewayUrl)
  connection.write(rawPost(keyed(project, 'envelope/'), { 'Content-Length': '5', 'content-length': '6' }, 'no JSON'))
  await connection.received(/^HTTP\/1\.1 400 /)
  connection.close()
})

test('the health of the public port says one word', async () => {
  const answer = await ask(stack.gatewayUrl, { method: 'GET', path: '/health' })
  expect([answer.status, answer.body]).toEqual([200, { status: 'ok' }])
})
