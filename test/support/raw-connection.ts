import { once } from 'node:events'
import { connect } from 'node:net'
import { waitFor } from './wait-for.ts'

/** A connection on which a test says when which byte goes out. */
export interface RawConnection {
  write(bytes: string | Uint8Array): void
  /** Everything that came so far, once it matches; rejects after `msMax`. */
  received(pattern: RegExp, msMax?: number): Promise<string>
  /** Whether the other side has ended it. */
  isEnded(): boolean
  close(): void
}

export async function openRawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  let text = ''
  let ended = false
  socket.on('data', (bytes) => (text += bytes.toString('latin1')))
  socket.on('close', () => (ended = true))
  // A reset after the answer is an end like any other; before it, `received` says what is missing.
  socket.on('error', () => (ended = true))
  return {
    write: (bytes) => socket.write(bytes),
    received: (pattern, msMax = 10_000) => waitFor(`${pattern}`, () => (pattern.test(text) ? text : null), msMax),
    isEnded: () => ended,
    close: () => socket.destroy(),
  }
}
