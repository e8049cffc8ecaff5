import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A stretch of network to a server that a test can cut, slow down and silence. */
export interface Wire {
  /** The server's address, by way of this. */
  url: string
  /** Ends every connection at once. */
  cut(): void
  /** What goes either way arrives so much later. */
  slow(delayMs: number): void
  /** Connections stay, new ones too, and nothing arrives any more, until `mend`. */
  silence(): void
  /** As on the first day; what was silenced is lost with its connections. */
  mend(): void
  stop(): Promise<void>
}

/** Lays it to the host and port of `target`. */
export async function layWire(target: string): Promise<Wire> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let delayMs = 0
  let isSilent = false

  function hold(socket: Socket): Socket {
    sockets.add(socket)
    // A connection that is cut says so to nobody but its other half.
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket))
  }

  function carry(from: Socket, to: Socket): void {
    from.on('data', (bytes) => {
      if (isSilent) return
      if (delayMs === 0) to.write(bytes)
      else setTimeout(() => to.writable && to.write(bytes), delayMs)
    })
    from.on('close', () => to.destroy())
  }

  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) hold(socket).setNoDelay(true)
    carry(near, far)
    carry(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = new URL(target)
  // A server that listens on TCP has such an address.
  url.host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const cut = () => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    cut,
    slow: (ms) => (delayMs = ms),
    silence: () => (isSilent = true),
    mend() {
      delayMs = 0
      if (isSilent) cut()
      isSilent = false
    },
    async stop() {
      server.close()
      cut()
      await once(server, 'close')
    },
  }
}
