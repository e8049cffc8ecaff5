import type { Server } from 'node:net'

/** Connections the system keeps for us until we get to them: a herd of clients that reconnect must find room. */
const BACKLOG = 4096

/** Listens and gives the port, which 0 leaves to the system. A taken one rejects with a sentence that names `portVariable`. */
export async function listenOn(
  server: Server,
  { host, port, portVariable }: { host: string; port: number; portVariable: string },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken: set ${portVariable} to another`) : error)
    })
    server.listen({ port, host, backlog: BACKLOG }, resolve)
  })
  const address = server.address()
  return typeof address === 'object' && address ? address.port : port
}
