import { once } from 'node:events'
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RoleProcess } from './start-role.ts'

/** A balancer in front of gateways, as operators have one: it asks who is ready, and takes its clients' word for the rest. */
export interface Balancer {
  url: string
  /** Requests it could not bring to an end: answered 502. */
  readonly failures: readonly string[]
  /** One more to send requests to, once it is ready. */
  add(gateway: RoleProcess): void
  /** How many are ready, as far as it knows. */
  readyCount(): number
  stop(): Promise<void>
}

interface Upstream {
  port: number
  adminPort: number
  isReady: boolean
  isAsked: boolean
  agent: Agent
}

const POLL_MS = 100

/** Keeps connections alive on both sides, polls `/ready` ten times a second, and never sends a request twice. */
export async function startBalancer(): Promise<Balancer> {
  const upstreams: Upstream[] = []
  const failures: string[] = []
  let turn = 0

  function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const ready = upstreams.filter(({ isReady }) => isReady)
    const upstream = ready[turn++ % Math.max(ready.length, 1)]
    const fail = (reason: string) => {
      failures.push(reason)
      if (outgoing.headersSent) outgoing.destroy()
      else outgoing.writeHead(502).end()
    }
    if (!upstream) {
      fail('no gateway is ready')
      return
    }
    const { port, agent } = upstream
    const { method, url, headers } = incoming
    const onward = request(
      { host: '127.0.0.1', port, agent, method, path: url, headers: hopless(headers) },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, hopless(answer.headers))
        answer.on('error', (error) => fail(`the answer: ${error.message}`)).pipe(outgoing)
      },
    )
    onward.on('error', (error) => fail(`the request: ${error.message}`))
    incoming.pipe(onward)
  }

  const server = createServer({ keepAliveTimeout: 60_000 }, pass).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const polling = setInterval(() => upstreams.forEach(poll), POLL_MS)
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    failures,
    add({ port, adminPort }) {
      upstreams.push({ port, adminPort, isReady: false, isAsked: false, agent: new Agent({ keepAlive: true }) })
    },
    readyCount: () => upstreams.filter(({ isReady }) => isReady).length,
    async stop() {
      clearInterval(polling)
      for (const { agent } of upstreams) agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Asks, and does not ask again before that is answered: an answer that comes late must not undo a newer one. */
function poll(upstream: Upstream): void {
  if (upstream.isAsked) return
  upstream.isAsked = true
  const settle = (isReady: boolean) => Object.assign(upstream, { isReady, isAsked: false })
  const asking = request({ host: '127.0.0.1', port: upstream.adminPort, path: '/ready', timeout: 1_000 }, (answer) => {
    settle(answer.statusCode === 200)
    answer.resume()
  })
  asking.on('timeout', () => asking.destroy(new Error('not answered in time')))
  asking.on('error', () => settle(false))
  asking.end()
}

/** What concerns one connection only is not passed on (RFC 9110, 7.6.1). */
function hopless({ connection, 'keep-alive': keepAlive, ...headers }: IncomingMessage['headers']) {
  return headers
}
