/** How a request says where its body ends. */
export type Framing =
  | { kind: 'length' }
  /** In chunks of so many bytes each, the last one shorter. */
  | { kind: 'chunked'; bytesEach: number }
  /** It says nothing, or says wrong: the connection ends behind it, and so many answers come as come. */
  | { kind: 'broken'; says: string }

/** A request as it goes over the wire, kept in parts so that it can be made smaller and still be one. */
export interface FuzzRequest {
  /** Of the request line, in Latin-1 as everything of a head. */
  method: string
  target: string
  headers: readonly (readonly [name: string, value: string])[]
  framing: Framing
  payload: Uint8Array
}

const LINE = '\r\n'

export function toWire({ method, target, headers, framing, payload }: FuzzRequest): Buffer {
  const lines = [
    `${method} ${target} HTTP/1.1`,
    'Host: 127.0.0.1',
    ...headers.map(([name, value]) => `${name}: ${value}`),
    ...framingHeader(framing, payload),
  ]
  return Buffer.concat([Buffer.from(`${lines.join(LINE)}${LINE}${LINE}`, 'latin1'), framed(framing, payload)])
}

function framingHeader(framing: Framing, payload: Uint8Array): readonly string[] {
  if (framing.kind === 'length') return [`Content-Length: ${payload.length}`]
  if (framing.kind === 'chunked') return ['Transfer-Encoding: chunked']
  return framing.says === '' ? [] : [framing.says]
}

function framed(framing: Framing, payload: Uint8Array): Buffer {
  if (framing.kind !== 'chunked') return Buffer.from(payload)
  const pieces: Buffer[] = []
  for (let at = 0; at < payload.length; at += framing.bytesEach) {
    const chunk = payload.subarray(at, at + framing.bytesEach)
    pieces.push(Buffer.from(`${chunk.length.toString(16)}${LINE}`), Buffer.from(chunk), Buffer.from(LINE))
  }
  return Buffer.concat([...pieces, Buffer.from(`0${LINE}${LINE}`)])
}

/** As it is kept in a file. */
export interface WrittenRequest extends Omit<FuzzRequest, 'payload'> {
  /** Base64. */
  payload: string
}

export function writeRequest({ payload, ...rest }: FuzzRequest): WrittenRequest {
  return { ...rest, payload: Buffer.from(payload).toString('base64') }
}

export function readRequest({ payload, ...rest }: WrittenRequest): FuzzRequest {
  return { ...rest, payload: Buffer.from(payload, 'base64') }
}
