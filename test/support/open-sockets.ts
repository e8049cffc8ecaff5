import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { promisify } from 'node:util'

/** What this process needs besides. */
const RESERVED = 500
const AT_ONCE = 200

/** How many sockets a process may open here, at most `wanted`: Node raises the soft limit to the hard one by itself. */
export async function socketsAllowed(wanted: number): Promise<number> {
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', 'ulimit -Hn'])
  const limit = Number(stdout)
  return Number.isNaN(limit) ? wanted : Math.min(wanted, limit - RESERVED)
}

/** Opens so many connections and leaves them alone; they have to be destroyed. */
export async function openSockets(url: string, count: number): Promise<readonly Socket[]> {
  const { hostname, port } = new URL(url)
  const sockets: Socket[] = []
  while (sockets.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - sockets.length) }, () =>
      connect(Number(port), hostname),
    )
    // That the other side ends one is for the test to notice, not for the process to die of.
    for (const socket of some) socket.on('error', () => socket.destroy())
    sockets.push(...some)
    await Promise.all(some.map((socket) => once(socket, 'connect')))
  }
  return sockets
}
