import { connect, type Socket } from 'node:net'

/** A kept-alive connection that carries one request at a time. */
export interface LoadConnection {
  send(bytes: Buffer): void
  close(): void
}

interface Handlers {
  onAnswer: (status: number, connection: LoadConnection) => void
  /** It ended, or said something that is no HTTP answer. */
  onBroken: (connection: LoadConnection) => void
}

/** One for all sockets: what is read is handled before anything else is. */
const READ_BUFFER = Buffer.alloc(64 * 1024)

/**
 * Speaks just as much HTTP as the load needs: a status line and a `content-length`. Node's own client takes about four
 * times the CPU, and what the generator takes is missing where the server is measured, on the same two cores.
 */
export function openConnection(port: number, { onAnswer, onBroken }: Handlers): Promise<LoadConnection> {
  let partial = ''
  const socket: Socket = connect({
    host: '127.0.0.1',
    port,
    noDelay: true,
    onread: {
      buffer: READ_BUFFER,
      callback(bytes) {
        partial += READ_BUFFER.toString('latin1', 0, bytes)
        const status = completeStatus(partial)
        if (status === null) return true
        partial = ''
        if (status === 0) socket.destroy()
        else onAnswer(status, connection)
        return true
      },
    },
  })
  let closing = false
  const connection: LoadConnection = {
    send: (bytes) => socket.write(bytes),
    close() {
      closing = true
      socket.destroy()
    },
  }
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(connection))
    socket.once('error', reject)
    socket.once('close', () => {
      if (!closing) onBroken(connection)
    })
  })
}

/** The status of an answer that is all there; null where more must come, 0 for anything else. */
function completeStatus(text: string): number | null {
  const headEnd = text.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1]
  if (!text.startsWith('HTTP/1.1 ') || length === undefined) return 0
  const missing = headEnd + 4 + Number(length) - text.length
  if (missing > 0) return null
  return missing < 0 ? 0 : Number(text.slice(9, 12))
}
