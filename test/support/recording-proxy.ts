import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request that went by. */
export interface Passed {
  method: string
  /** Without its query. */
  path: string
  encoding: string | null
  /** What the other side answered. */
  status: number
}

export interface RecordingProxy {
  url: string
  passed: readonly Passed[]
  stop(): Promise<void>
}

/** Hands every request on to `target`, byte by byte, and notes what was answered: SDKs do not tell. */
export async function startRecordingProxy(target: string): Promise<RecordingProxy> {
  const passed: Passed[] = []
  const handOn = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = '', url = '', headers } = incoming
    const onward = request(new URL(url, target), { method, headers }, (answer) => {
      const path = url.replace(/\?.*/, '')
      passed.push({ method, path, encoding: headers['content-encoding'] ?? null, status: answer.statusCode ?? 0 })
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.writeHead(502).end())
    incoming.pipe(onward)
  }
  const server = createServer(handOn)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    passed,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
