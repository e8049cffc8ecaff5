import { crc32, deflateRawSync } from 'node:zlib'
import { joinedChecksum } from './joined-checksum.ts'
import { sdkEvent } from './sdk-event.ts'
import { hasNewUser, type LoadSize, variedEvent } from './varied-event.ts'

/**
 * How the bodies of a load look: what server SDKs in Python send, what JavaScript sends, or both in turns. `varied`: gzip,
 * and five of six times somebody else each time who met the error, so that there is to digest what there is in life. `sizes`:
 * the same of many sizes, as both send them.
 */
export type Shape = 'gzip' | 'plain' | 'mixed' | 'varied' | 'sizes'

export interface Target {
  port: number
  projectId: string
  publicKey: string
}

/** A request as it goes over the wire, head and body in one piece, and the way to make another event of it in place. */
export interface PooledRequest {
  bytes: Buffer
  renew(eventId: string): void
}

/** More than can be under way at once: what is being written must not be renewed. */
const POOL_COUNT = 1_000
const ID_CHARS = 32
const PLACEHOLDER = '0'.repeat(ID_CHARS)

/** Made once before a load: framing and compressing while it runs would measure the load's own work. */
export function requestPool(shape: Shape, target: Target): readonly PooledRequest[] {
  return Array.from({ length: POOL_COUNT }, (_, n) => {
    if (shape === 'varied') return gzipRequest(variedRequestEvent(n, 'median'), target)
    if (shape === 'sizes') return (n % 2 === 0 ? gzipRequest : plainRequest)(variedRequestEvent(n, sizeOf(n)), target)
    const gzip = shape === 'gzip' || n % 2 === 0
    const event = sdkEvent(n, PLACEHOLDER)
    return gzip && shape !== 'plain' ? gzipRequest(event, target) : plainRequest(event, target)
  })
}

/** Somebody nobody has met is another one each time: the event's id is the user's. */
function variedRequestEvent(n: number, size: LoadSize): object {
  const event = variedEvent(n, PLACEHOLDER, { size, issues: 'known', at: new Date() })
  return hasNewUser(n) ? { ...event, user: { id: PLACEHOLDER } } : event
}

/** Of twenty events fourteen of about 4 KB, five of 16 and one of 50; ten of each send as the one kind of SDK, ten as the other. */
function sizeOf(n: number): LoadSize {
  const place = Math.floor(n / 2) % 20
  if (place < 14) return 'median'
  return place < 19 ? 'rich' : 'large'
}

/** The JavaScript SDKs: plain, no length in the item header, key in the address; the head as Chrome writes it. */
function plainRequest(sent: object, { port, projectId, publicKey }: Target): PooledRequest {
  const event = JSON.stringify(sent)
  const body = Buffer.from(`${envelopeHeader('sentry.javascript.browser')}\n{"type":"event"}\n${event}`)
  const path = `/api/${projectId}/envelope/?sentry_version=7&sentry_key=${publicKey}&sentry_client=sentry.javascript.browser%2F11.12.0`
  const bytes = post(path, body, [
    `Host: 127.0.0.1:${port}`,
    'Connection: keep-alive',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
    'Content-Type: text/plain;charset=UTF-8',
    'Accept: */*',
    'Origin: https://shop.example.com',
    'Sec-Fetch-Site: cross-site',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Dest: empty',
    'Referer: https://shop.example.com/',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Accept-Language: en-GB,en;q=0.9',
  ])
  const places = placesOf(bytes)
  return {
    bytes,
    renew(eventId) {
      for (const place of places) bytes.write(eventId, place, ID_CHARS, 'latin1')
    },
  }
}

/**
 * The Python SDK: gzip, a length, key in a header. The two headers and the event's first fields are a stored block of the
 * deflate stream, so that an id can be changed without compressing anew; the checksum at the end is made good.
 */
function gzipRequest(sent: object, { port, projectId, publicKey }: Target): PooledRequest {
  const event = JSON.stringify(sent)
  const itemHeader = `{"type":"event","content_type":"application/json","length":${Buffer.byteLength(event)}}`
  const decoded = Buffer.from(`${envelopeHeader('sentry.python')}\n${itemHeader}\n${event}`)
  const decodedPlaces = placesOf(decoded)
  const split = Math.max(...decodedPlaces) + ID_CHARS
  const [start, rest] = [decoded.subarray(0, split), decoded.subarray(split)]
  const body = Buffer.concat([
    Buffer.from('1f8b08000000000000ff', 'hex'),
    storedBlock(start),
    deflateRawSync(rest),
    uint32(crc32(decoded)),
    uint32(decoded.length),
  ])
  const bytes = post(`/api/${projectId}/envelope/`, body, [
    'Accept-Encoding: identity',
    'Content-Encoding: gzip',
    'Content-Type: application/x-sentry-envelope',
    `X-Sentry-Auth: Sentry sentry_key=${publicKey}, sentry_version=7, sentry_client=sentry.python/2.69.0`,
    'User-Agent: sentry.python/2.69.0',
    `Host: 127.0.0.1:${port}`,
  ])
  const places = placesOf(bytes)
  // Over all 16 KB the checksum would cost more than sending the request.
  const checksum = joinedChecksum(rest.length)
  const checksumOfRest = crc32(rest)
  return {
    bytes,
    renew(eventId) {
      for (const place of places) bytes.write(eventId, place, ID_CHARS, 'latin1')
      for (const place of decodedPlaces) start.write(eventId, place, ID_CHARS, 'latin1')
      bytes.writeUInt32LE(checksum(crc32(start), checksumOfRest), bytes.length - 8)
    },
  }
}

function envelopeHeader(sdk: string): string {
  const trace = `"trace":{"trace_id":"5a8dd4e1f3c04a6c9d0c7a1b2e3f4a5b","environment":"production","public_key":"-","sample_rand":"0.57"}`
  return `{"event_id":"${PLACEHOLDER}","sent_at":"2026-11-26T12:00:00.000Z","sdk":{"name":"${sdk}","version":"11.12.0"},${trace}}`
}

function post(path: string, body: Buffer, headers: readonly string[]): Buffer {
  const head = [`POST ${path} HTTP/1.1`, ...headers, `Content-Length: ${body.length}`, '', ''].join('\r\n')
  return Buffer.concat([Buffer.from(head), body])
}

/** Where the event id stands: in the envelope's header, in the event, and where the event id is the user's, there too. */
function placesOf(bytes: Buffer): readonly number[] {
  const places: number[] = []
  for (let at = bytes.indexOf(PLACEHOLDER); at !== -1; at = bytes.indexOf(PLACEHOLDER, at + ID_CHARS)) places.push(at)
  if (places.length < 2) throw new Error('the event id is not where it was put')
  return places
}

/** RFC 1951, 3.2.4: not the last block, type 0, the length and its complement, the bytes as they are. */
function storedBlock(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt16LE(bytes.length, 1)
  head.writeUInt16LE(~bytes.length & 0xffff, 3)
  return Buffer.concat([head, bytes])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
