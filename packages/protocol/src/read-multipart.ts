import { Busboy } from '@fastify/busboy'
import { bufferOf } from './bytes.ts'
import { PART_HEADER_BYTES_MAX, PARTS_MAX } from './limits.ts'
import { mediaType } from './media-type.ts'
import { ProtocolError } from './protocol-error.ts'

export interface Part {
  /** '' where its header names none. */
  readonly name: string
  /** Without the folders a browser or a crash reporter put before it, the name where it has none; null for a text. */
  readonly fileName: string | null
  readonly contentType: string
  /** Usually a view of the body. */
  readonly bytes: Buffer
}

/** Printable ASCII (RFC 2046 allows fewer) but blank, quote, backslash and semicolon, which would end it in a header. */
const BOUNDARY_CHARS = '[!#-:<-[\\]-~]{1,200}'
const PARAMETER = new RegExp(`;\\s*boundary=(?:"(${BOUNDARY_CHARS})"|(${BOUNDARY_CHARS}))\\s*(?:;|$)`, 'i')
const FIRST_LINE = new RegExp(`^--(${BOUNDARY_CHARS})\\r\\n`)
const BINARY = 'application/octet-stream'

export function isMultipart(contentType: string | null | undefined): boolean {
  return mediaType(contentType) === 'multipart/form-data'
}

/** The parts of a `multipart/form-data` body in their order. Throws `bad_multipart`. */
export async function readMultipart(
  body: Uint8Array,
  contentType: string | null | undefined,
): Promise<readonly Part[]> {
  const [, quoted, bare] = PARAMETER.exec(contentType ?? '') ?? []
  const boundary = quoted ?? bare
  if (!isMultipart(contentType) || boundary === undefined) throw bad('missing multipart boundary')
  return await readParts(bufferOf(body), boundary)
}

/** The parts of a multipart body that stands where a file should; null for bytes that begin with no boundary. */
export async function readNestedMultipart(bytes: Buffer): Promise<readonly Part[] | null> {
  const [, boundary] = FIRST_LINE.exec(bytes.toString('latin1', 0, 256)) ?? []
  return boundary === undefined ? null : await readParts(bytes, boundary)
}

async function readParts(body: Buffer, boundary: string): Promise<readonly Part[]> {
  boundParts(body, boundary)
  return await new Promise((resolve, reject) => {
    const parts: Part[] = []
    const parser = new Busboy({
      headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` },
      limits: { parts: PARTS_MAX, headerSize: PART_HEADER_BYTES_MAX },
      isPartAFile: () => true, // texts too: as bytes, for us to decode
    })
    parser.on('file', (name, stream, fileName, ...[, contentType]) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', () => reject(bad('the last part is cut')))
      stream.on('end', () => {
        const [only, ...more] = chunks
        const bytes = only !== undefined && more.length === 0 ? only : Buffer.concat(chunks)
        const isText = fileName === undefined && contentType !== BINARY
        parts.push({ name: name ?? '', fileName: isText ? null : (fileName ?? name ?? ''), contentType, bytes })
      })
    })
    parser.on('partsLimit', () => reject(tooMany()))
    parser.on('error', () => reject(bad('the body ends before its last boundary')))
    parser.on('finish', () => resolve(parts))
    parser.end(body)
    // The parser works in ticks. What it has not said when the loop comes round it never says: found by fuzzing, a
    // malformed part of more than 64 KiB leaves it waiting for itself.
    setImmediate(() => reject(bad('a part is malformed')))
  })
}

/** Before any part is made: the parser makes all of them, also those it then leaves out. */
function boundParts(body: Buffer, boundary: string): void {
  const delimiter = `\r\n--${boundary}`
  let count = 0
  for (let at = body.indexOf(delimiter); at !== -1; at = body.indexOf(delimiter, at + delimiter.length)) {
    if (++count > PARTS_MAX + 1) throw tooMany() // one more ends the last part
  }
}

function bad(cause: string): ProtocolError {
  return new ProtocolError('bad_multipart', [cause])
}

function tooMany(): ProtocolError {
  return bad(`more than ${PARTS_MAX} parts`)
}
