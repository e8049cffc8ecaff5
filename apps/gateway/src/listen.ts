import type { Server, ServerResponse } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { App } from './app.ts'

export interface Listening {
  port: number
  /** Takes no new connections, and resolves once every request in hand is answered. */
  close(): Promise<void>
}

/** Longer than the idle time of the balancers in front: whoever closes first must not be this side, or requests get lost. */
const KEEP_ALIVE_MS = 75_000

/** Serves the app. A taken port rejects with a sentence that names the variable. */
export async function listen(app: App, { host, port }: { host: string; port: number }): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  server.keepAliveTimeout = KEEP_ALIVE_MS
  const letGo = letConnectionsGo(server)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new Error(`port ${port} is taken: set GATEWAY_PORT to another`) : error)
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        letGo()
      }),
  }
}

/**
 * Node leaves a connection that was busy when its server closed open until the keep-alive time-out, and the server with
 * it. So from the call on every answer, those under way included, tells its client to connect anew.
 */
function letConnectionsGo(server: Server): () => void {
  const underWay = new Set<ServerResponse>()
  let closing = false
  server.prependListener('request', (_request, response) => {
    response.shouldKeepAlive &&= !closing
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
  })
  return () => {
    closing = true
    for (const response of underWay) response.shouldKeepAlive = false
    server.closeIdleConnections()
  }
}
