import { compress, compressInPool, POOL_BYTES_MIN } from '@rumen/protocol/content-encoding'

/** The stored form of a plain body. */
export type CompressBody = (body: Buffer) => Buffer | Promise<Buffer>

/**
 * Small bodies are compressed where they stand, large ones beside the main thread, so many at a time: the others wait for
 * their turn, and hold up nobody. Both ways give the same bytes.
 */
export function createCompressBody(concurrentMax: number): CompressBody {
  let running = 0
  const waiting: (() => void)[] = []

  async function compressInTurn(body: Buffer): Promise<Buffer> {
    if (running === concurrentMax) await new Promise<void>((resolve) => waiting.push(resolve))
    else running++
    try {
      return await compressInPool(body)
    } finally {
      // The place is handed on, or given up.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  return (body) => (body.length < POOL_BYTES_MIN ? compress(body) : compressInTurn(body))
}
