import { expect, test } from 'vitest'
import { attachmentsEnvelope } from './attachments-envelope.ts'
import { parseEnvelope } from './envelope.ts'
import { parseEventId } from './event-id.ts'
import { readAttachment } from './read-attachment.ts'

const read = (headers: Record<string, unknown>) => readAttachment({ headers, payload: Buffer.from('abc') })

test('a file of the attachments endpoint is read back', async () => {
  const body =
    '--b\r\nContent-Disposition: form-data; name="a"; filename="a.png"\r\nContent-Type: image/png\r\n\r\nabcd\r\n--b--'
  const eventId = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id')
  const sent = { body: Buffer.from(body), contentType: 'multipart/form-data; boundary=b', eventId }
  const [item] = parseEnvelope(await attachmentsEnvelope(sent)).items
  expect(item && readAttachment(item)).toEqual({
    name: 'a.png',
    contentType: 'image/png',
    attachmentType: 'event.attachment',
    size: 4,
  })
})

test('headers that are missing have defaults', () => {
  expect(read({})).toEqual({
    name: 'unnamed',
    contentType: 'application/octet-stream',
    attachmentType: 'event.attachment',
    size: 3,
  })
})

test.each([
  ['C:\\logs\\app.log', 'app.log'],
  ['../../etc/passwd', 'passwd'],
  ['a/', 'unnamed'],
  ['..', 'unnamed'],
  [' ', 'unnamed'],
  [7, 'unnamed'],
  ['a\r\nb', 'a__b'],
  ['\ud83d\ude00.txt', '\ud83d\ude00.txt'],
  ['n'.repeat(300), `${'n'.repeat(252)}...`],
])('the file name %j becomes %j', (filename, name) => {
  expect(read({ filename }).name).toBe(name)
})

test.each([
  ['text/plain; charset=utf-8', 'text/plain; charset=utf-8'],
  ['text/html\r\nX: y', 'application/octet-stream'],
  ['text', 'application/octet-stream'],
  [`a/${'b'.repeat(300)}`, 'application/octet-stream'],
  [null, 'application/octet-stream'],
])('the content type %j becomes %j', (given, contentType) => {
  expect(read({ content_type: given }).contentType).toBe(contentType)
})

test.each([
  ['event.minidump', 'event.minidump'],
  ['event.from_the_future', 'event.attachment'],
  ['__proto__', 'event.attachment'],
])('the attachment type %j becomes %j', (given, attachmentType) => {
  expect(read({ attachment_type: given }).attachmentType).toBe(attachmentType)
})
