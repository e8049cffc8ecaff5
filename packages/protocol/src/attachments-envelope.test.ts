import { expect, test } from 'vitest'
import { attachmentsEnvelope } from './attachments-envelope.ts'
import { parseEnvelope } from './envelope.ts'
import { parseEventId } from './event-id.ts'

const EVENT_ID = parseEventId('9ec79c33ec9942ab8353589fcb2e04dc') ?? expect.fail('a good id')

async function send(form: FormData) {
  const request = new Request('http://127.0.0.1/', { method: 'POST', body: form })
  const contentType = request.headers.get('content-type')
  return parseEnvelope(await attachmentsEnvelope({ body: await request.bytes(), contentType, eventId: EVENT_ID }))
}

test('every file becomes an attachment of the event, whatever its field is called', async () => {
  const form = new FormData()
  form.append('a', new File(['one\n'], 'one.txt', { type: 'text/plain' }))
  form.append('upload_file_minidump', new File([Buffer.of(0, 255)], 'ü.dmp'))
  form.append('empty', new File([], ''))
  form.append('note', 'hello')
  const { header, items, fault } = await send(form)
  expect(fault).toBeNull()
  expect(header.eventId).toBe(EVENT_ID)
  expect(items.map(({ headers, payload }) => [headers, payload.toString('latin1')])).toEqual([
    [{ type: 'attachment', filename: 'one.txt', content_type: 'text/plain', length: 4 }, 'one\n'],
    [{ type: 'attachment', filename: 'ü.dmp', content_type: 'application/octet-stream', length: 2 }, '\0\xff'],
    [{ type: 'attachment', filename: 'empty', content_type: 'application/octet-stream', length: 0 }, ''],
    [{ type: 'form_data', length: 18 }, '[["note","hello"]]'],
  ])
})

test('a body without a file, or of another type, is refused', async () => {
  const form = new FormData()
  form.append('note', 'hello')
  await expect(send(form)).rejects.toMatchObject({ code: 'bad_multipart', causes: ['no part is a file'] })
  const input = { body: Buffer.from('hello'), eventId: EVENT_ID }
  for (const contentType of [null, 'text/plain', 'multipart/form-data']) {
    await expect(attachmentsEnvelope({ ...input, contentType })).rejects.toMatchObject({ code: 'bad_multipart' })
  }
})
