import { once } from 'node:events'
import { constants, createBrotliCompress, createGzip, createZstdCompress } from 'node:zlib'
import { makeEvent } from './post-event.ts'

const MiB = 1024 * 1024
const CHUNK = Buffer.alloc(4 * MiB, ' ')

const ENCODERS = {
  gzip: () => createGzip({ level: 9 }),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }),
  zstd: () => createZstdCompress(),
} as const

/** How a bomb may be encoded. */
export type BombCoding = keyof typeof ENCODERS

/** `start` and then so many MiB of spaces, compressed without ever being in memory: a thousandth of it, or less. */
export async function makeBomb(coding: BombCoding, start: string, decodedMiB: number): Promise<Buffer<ArrayBuffer>> {
  const encoder = ENCODERS[coding]()
  const compressed: Buffer[] = []
  encoder.on('data', (bytes: Buffer) => compressed.push(bytes))
  encoder.write(start)
  for (let written = 0; written < decodedMiB * MiB; written += CHUNK.length) {
    if (!encoder.write(CHUNK)) await once(encoder, 'drain')
  }
  encoder.end()
  await once(encoder, 'end')
  return Buffer.concat(compressed)
}

/** The beginning of an envelope whose event never ends. */
export function endlessEnvelope(): string {
  const { event_id } = makeEvent()
  return `${JSON.stringify({ event_id })}\n{"type":"event"}\n{"event_id":"${event_id}",`
}
