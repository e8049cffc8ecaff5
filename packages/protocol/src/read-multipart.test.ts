import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PARTS_MAX } from './limits.ts'
import { ProtocolError } from './protocol-error.ts'
import { readMultipart, readNestedMultipart } from './read-multipart.ts'

const BOUNDARY = '---MultipartBoundary-0123456789abcdefABCDEF0123456789---'
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`

const text = (name: string, value: string) => `Content-Disposition: form-data; name="${name}"\r\n\r\n${value}`
const file = (name: string, fileName: string, content: string) =>
  `Content-Disposition: form-data; name="${name}"; filename="${fileName}"\r\nContent-Type: application/octet-stream\r\n\r\n${content}`
const joined = (parts: readonly string[], boundary = BOUNDARY) =>
  `${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--\r\n`

const BODY = joined([text('sentry', '{"a":1}'), file('upload_file_minidump', 'x.dmp', 'MDMP\r\n--\r\n\0\xff')])
const PARTS = [
  ['sentry', null, '{"a":1}'],
  ['upload_file_minidump', 'x.dmp', 'MDMP\r\n--\r\n\0\xff'],
]

async function read(body: string, contentType: string | null = TYPE) {
  const parts = await readMultipart(Buffer.from(body, 'latin1'), contentType)
  return parts.map(({ name, fileName, bytes }) => [name, fileName, bytes.toString('latin1')])
}

describe('what crash reporters send is read, byte for byte', () => {
  test.each<[string, string, string?]>([
    ['Crashpad', BODY],
    ['without the last line break', BODY.slice(0, -2)],
    ['with a line break before the first boundary (Breakpad on macOS)', `\r\n${BODY}`],
    ['with a preamble and an epilogue', `preamble\r\n--x\r\n${BODY}epilogue`],
    ['names without quotes', BODY.replace('"sentry"', 'sentry').replace('"x.dmp"', 'x.dmp')],
    ['names of headers in any case', BODY.replaceAll('Content-Disposition', 'content-DISPOSITION')],
    [
      'more headers',
      BODY.replaceAll('\r\nContent-Type', '\r\nContent-Transfer-Encoding: binary\r\nX: y\r\nContent-Type'),
    ],
    ['a folder before the file name', BODY.replace('x.dmp', 'C:\\\\crashes\\\\x.dmp')],
    [
      'a quoted boundary among other parameters',
      BODY,
      `Multipart/Form-Data; charset=utf-8; Boundary="${BOUNDARY}" ; a=b`,
    ],
    [
      'a boundary of dashes (curl)',
      BODY.replaceAll(BOUNDARY, '-'.repeat(40)),
      `multipart/form-data;boundary=${'-'.repeat(40)}`,
    ],
    ['a long boundary', BODY.replaceAll(BOUNDARY, 'b'.repeat(150)), `multipart/form-data; boundary=${'b'.repeat(150)}`],
    ['an odd boundary', BODY.replaceAll(BOUNDARY, "=_a'b(c)*@?,:/"), `multipart/form-data; boundary="=_a'b(c)*@?,:/"`],
  ])('%s', async (_name, body, contentType) => {
    expect(await read(body, contentType)).toEqual(PARTS)
  })
  test('a file without a file name is known by its type', async () => {
    expect(await read(BODY.replace('; filename="x.dmp"', ''))).toEqual([
      PARTS[0],
      ['upload_file_minidump', 'upload_file_minidump', PARTS[1]?.[2]],
    ])
  })
  test('a file of 40 MiB comes as a view of its body', async () => {
    const [head = '', tail = ''] = BODY.split('MDMP\r\n--\r\n\0\xff')
    const body = Buffer.concat([Buffer.from(head), Buffer.alloc(40 * 1024 * 1024, '\r\n--'), Buffer.from(tail)])
    const parts = await readMultipart(body, TYPE)
    expect(parts[1]?.bytes.length).toBe(40 * 1024 * 1024)
    expect(parts[1]?.bytes.buffer).toBe(body.buffer)
  })
})

describe('what is no multipart body is refused as one', () => {
  test.each<[string, string, string | null]>([
    ['no type', BODY, null],
    ['another type', BODY, `multipart/mixed; boundary=${BOUNDARY}`],
    ['no boundary', BODY, 'multipart/form-data'],
    ['an empty boundary', BODY, 'multipart/form-data; boundary=""'],
    ['a boundary that is too long', BODY, `multipart/form-data; boundary=${'b'.repeat(201)}`],
    ['another boundary', BODY, 'multipart/form-data; boundary=other'],
    ['an empty body', '', TYPE],
    ['a cut header', BODY.slice(0, 90), TYPE],
    ['a cut file', BODY.slice(0, -80), TYPE],
    ['line feeds alone', BODY.replaceAll('\r\n', '\n'), TYPE],
    ['a header that never ends', `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${'x'.repeat(99_999)}`, TYPE],
    // The parser waits for itself here, for ever.
    ['a malformed part of more than 64 KiB', joined([`nonsense\r\n\r\n${'y'.repeat(70_000)}`]), TYPE],
  ])('%s', async (_name, body, contentType) => {
    await expect(read(body, contentType)).rejects.toMatchObject({ code: 'bad_multipart', causes: [expect.any(String)] })
  })
})

describe('the number of parts', () => {
  test.each(['', 'preamble\r\n'])('is bounded, to the part (behind %j)', async (preamble) => {
    const parts = Array.from({ length: PARTS_MAX }, (_, i) => text(`f${i}`, ''))
    expect(await read(preamble + joined(parts))).toHaveLength(PARTS_MAX)
    await expect(read(preamble + joined([...parts, text('one', 'more')]))).rejects.toMatchObject({
      code: 'bad_multipart',
      causes: [`more than ${PARTS_MAX} parts`],
    })
  })
  test('is known before any part is made', async () => {
    const body = Buffer.from(joined(Array(50_000).fill(file('a', 'b', ''))))
    const start = process.threadCpuUsage()
    await expect(readMultipart(body, TYPE)).rejects.toMatchObject({ code: 'bad_multipart' })
    expect(process.threadCpuUsage(start).user).toBeLessThan(100_000) // µs; ten times that when they are made
  })
})

test('a multipart body inside a file is taken apart, anything else is left alone', async () => {
  const parts = await readNestedMultipart(Buffer.from(BODY, 'latin1'))
  expect(parts?.map(({ name }) => name)).toEqual(['sentry', 'upload_file_minidump'])
  for (const bytes of ['MDMP', '', '--', '--\r\n', '--a b\r\n', `--${'x'.repeat(300)}\r\n`, '-x\r\n']) {
    expect(await readNestedMultipart(Buffer.from(bytes))).toBeNull()
  }
})

test('what node makes of a form, we read as node does', async () => {
  const name = fc
    .string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 20 })
    .map((s) => s.replace(/["\\/%;]/g, '_'))
  const value = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.uint8Array({ maxLength: 2000 }).chain((bytes) => name.map((fileName) => ({ bytes, fileName }))),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 8 }), async (fields) => {
      const form = new FormData()
      for (const [field, content] of fields) {
        if (typeof content === 'string') form.append(field, content)
        else form.append(field, new File([content.bytes], content.fileName, { type: 'a/b' }))
      }
      const request = new Request('http://127.0.0.1/', { method: 'POST', body: form })
      const parts = await readMultipart(await request.clone().bytes(), request.headers.get('content-type'))
      const expected = await Promise.all(
        [...(await request.formData())].map(async ([field, content]) =>
          typeof content === 'string'
            ? [field, null, Buffer.from(content).toString('hex')]
            : [field, content.name, Buffer.from(await content.bytes()).toString('hex')],
        ),
      )
      expect(parts.map(({ name, fileName, bytes }) => [name, fileName, bytes.toString('hex')])).toEqual(expected)
    }),
    { seed: 7, numRuns: 100 },
  )
}, 30_000)

test('any bytes give parts or a refusal, and always an answer', async () => {
  // biome-ignore format: a line for each would take a page
  const token = fc.constantFrom(
    '\r\n', '\r', '\n', '--', `--${BOUNDARY}`, `\r\n--${BOUNDARY}\r\n`, `\r\n--${BOUNDARY}--`, '\r\n\r\n', '"', '\\', ':',
    'Content-Disposition: form-data; name="a"', '; filename="x"', '; filename=', "; filename*=utf-8''%zz", '; name=',
    'Content-Type: application/octet-stream', 'Content-Type: ;;', 'content-disposition: form-data', 'MDMP', '\0', 'é',
    'y'.repeat(17_000), 'y'.repeat(70_000),
  )
  const body = fc.array(token, { maxLength: 40 }).map((tokens) => `--${BOUNDARY}${tokens.join('')}`)
  await fc.assert(
    fc.asyncProperty(body, async (bytes) => {
      const outcome = await read(bytes).catch((error: unknown) => error)
      expect(Array.isArray(outcome) || outcome instanceof ProtocolError).toBe(true)
    }),
    { seed: 11, numRuns: 500 },
  )
}, 30_000)
