import type { IncomingMessage } from 'node:http'
import { Refusal } from '../answer/refusal.ts'

/**
 * Reads a request's body, at most `bytesMax` of it, whether it announced its length or comes in chunks. Throws the
 * refusal `body_too_large` before it has read more than that, and `body_cut` when the client left half-way, or when
 * `unwanted` says that nobody waits for it any more. A client that leaves after its last byte has sent everything: its
 * body is whole.
 */
export function readBoundedBody(incoming: IncomingMessage, bytesMax: number, unwanted?: AbortSignal): Promise<Buffer> {
  const announced = Number(incoming.headers['content-length'])
  if (announced > bytesMax) return Promise.reject(new Refusal('body_too_large'))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    const settle = (finish: () => void) => {
      incoming.off('data', onData).off('end', onEnd).off('close', onClose).off('error', onClose)
      unwanted?.removeEventListener('abort', onClose)
      finish()
    }
    const onData = (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > bytesMax) {
        settle(() => reject(new Refusal('body_too_large')))
        incoming.resume()
      } else chunks.push(chunk)
    }
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, bytes)))
    const onClose = () => settle(() => reject(new Refusal('body_cut')))
    incoming.on('data', onData).on('end', onEnd).on('close', onClose).on('error', onClose)
    unwanted?.addEventListener('abort', onClose)
  })
}
