import type { IncomingMessage } from 'node:http'
import { TOO_MANY_BYTES } from '../admit/overload-gate.ts'
import { Refusal } from '../answer/refusal.ts'
import { LimitedError } from '../answer/refuse.ts'
import type { BytesInFlight } from './bytes-in-flight.ts'

export interface BodyLimits {
  /** From the end of the headers to the first byte, and to the last. */
  firstByteMs: number
  wholeMs: number
}

export interface BodyReader {
  /**
   * Reads a request's body, at most `bytesMax` of it, whether it announced its length or comes in chunks, and counts it
   * among the bytes in flight: the caller gives them back. Rejects with the refusals `body_too_large`, before more than
   * that is read, `body_late`, `body_slow`, and `body_cut` when the client left half-way or `unwanted` says that nobody
   * waits for it any more; with LimitedError when there is no room for it beside the others. A client that leaves after its last byte has sent everything: its body is whole.
   */
  read(incoming: IncomingMessage, bytesMax: number, unwanted?: AbortSignal): Promise<Buffer>
  stop(): void
}

/** A body that is still being read. */
interface Reading {
  startMs: number
  hasBegun: boolean
  refuse: (refusal: Error) => void
}

const SWEEP_MS = 250

/** One timer looks after all slow bodies: a timer for each would cost every fast one. */
export function createBodyReader(limits: BodyLimits, inFlight: BytesInFlight): BodyReader {
  const readings = new Set<Reading>()

  const sweep = setInterval(() => {
    const nowMs = performance.now()
    for (const reading of readings) {
      const waitedMs = nowMs - reading.startMs
      if (waitedMs > limits.wholeMs) reading.refuse(new Refusal('body_slow'))
      else if (!reading.hasBegun && waitedMs > limits.firstByteMs) reading.refuse(new Refusal('body_late'))
    }
  }, SWEEP_MS)
  sweep.unref()

  return {
    read(incoming, bytesMax, unwanted) {
      if (Number(incoming.headers['content-length']) > bytesMax) return Promise.reject(new Refusal('body_too_large'))
      return new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let bytes = 0
        const reading: Reading = { startMs: performance.now(), hasBegun: false, refuse }
        readings.add(reading)

        function settle(): void {
          readings.delete(reading)
          incoming.off('data', onData).off('end', onEnd).off('close', onCut).off('error', onCut)
          unwanted?.removeEventListener('abort', onCut)
        }
        function refuse(refusal: Error): void {
          settle()
          inFlight.give(bytes)
          // The rest is thrown away, so that the answer can arrive.
          incoming.resume()
          reject(refusal)
        }
        function admit(more: number): Error | null {
          if (bytes + more > bytesMax) return new Refusal('body_too_large')
          if (!inFlight.take(more)) return new LimitedError(TOO_MANY_BYTES)
          bytes += more
          return null
        }
        function onData(chunk: Buffer): void {
          reading.hasBegun = true
          const refusal = admit(chunk.length)
          if (refusal) refuse(refusal)
          else chunks.push(chunk)
        }
        function onEnd(): void {
          settle()
          resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes))
        }
        function onCut(): void {
          refuse(new Refusal('body_cut'))
        }

        incoming.on('data', onData).on('end', onEnd).on('close', onCut).on('error', onCut)
        unwanted?.addEventListener('abort', onCut)
      })
    },
    stop: () => clearInterval(sweep),
  }
}
