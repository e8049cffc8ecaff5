import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { mutated, mutatedText } from './mutations.ts'

interface Encoder {
  says: string
  encode: (bytes: Uint8Array) => Buffer
}

const ENCODERS: readonly Encoder[] = [
  { says: 'gzip', encode: (bytes) => gzipSync(bytes, { level: 1 }) },
  { says: 'x-gzip', encode: (bytes) => gzipSync(bytes, { level: 1 }) },
  { says: 'deflate', encode: (bytes) => deflateSync(bytes, { level: 1 }) },
  { says: 'deflate', encode: (bytes) => deflateRawSync(bytes, { level: 1 }) },
  { says: 'br', encode: (bytes) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }) },
  { says: 'zstd', encode: (bytes) => zstdCompressSync(bytes) },
]

const encoder = fc.constantFrom(...ENCODERS)
const ODD = ['', '""', 'identity', 'UTF-8', 'GZIP', 'gzip, gzip, gzip', 'compress', 'br;q=1', 'gzip,', ',']

/** A body and what its Content-Encoding says of it; null: there is no such header. */
export interface Encoded {
  payload: Buffer
  says: string | null
}

/** Plain, encoded once or more, two streams behind each other; then spoilt, or with a header that is wrong. */
export function encoded(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Encoded> {
  const chain = fc.oneof(
    { weight: 4, arbitrary: fc.constant<Encoder[]>([]) },
    { weight: 4, arbitrary: encoder.map((one) => [one]) },
    { weight: 1, arbitrary: fc.array(encoder, { minLength: 2, maxLength: 3 }) },
  )
  const right = fc.constant(null)
  const wrong = fc.oneof(
    fc.constantFrom(...ODD),
    mutatedText(encoder.map(({ says }) => says)),
    fc.string({ unit: 'binary-ascii', maxLength: 20 }),
  )
  const header = fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: wrong })
  return fc.tuple(bytes, chain, fc.nat(7), header).chain(([made, codings, luck, instead]) => {
    const one = codings.reduce<Buffer>((body, { encode }) => encode(body), Buffer.from(made))
    const payload = luck === 0 && codings.length > 0 ? Buffer.concat([one, one]) : one
    const says =
      instead?.replace(/[\r\n]/g, ' ') ??
      (codings.length === 0 ? null : codings.map((coding) => coding.says).join(', '))
    const sent = codings.length === 0 ? fc.constant(payload) : mutated(fc.constant(payload), 5)
    return sent.map((spoilt) => ({ payload: spoilt, says }))
  })
}
