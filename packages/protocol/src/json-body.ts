import { bomLength, bufferOf, skipWhitespace } from './bytes.ts'
import { ProtocolError } from './protocol-error.ts'

/** A whole body as JSON of any kind. Throws `empty_body` where there is only white space, and `bad_json`. */
export function parseJsonBody(body: Uint8Array): unknown {
  const bytes = bufferOf(body)
  const start = skipWhitespace(bytes, bomLength(bytes))
  if (start === bytes.length) throw new ProtocolError('empty_body')
  try {
    return JSON.parse(bytes.toString('utf8', start))
  } catch {
    throw new ProtocolError('bad_json', [`${bytes.length} bytes that are not JSON`])
  }
}

/** A value of `parseJsonBody` as JSON again. Throws `bad_json` for one that is nested deeper than the stack reaches. */
export function encodeJson(value: unknown): Buffer {
  try {
    return Buffer.from(JSON.stringify(value))
  } catch (error) {
    if (error instanceof RangeError) throw new ProtocolError('bad_json', ['nested too deep'])
    throw error
  }
}
