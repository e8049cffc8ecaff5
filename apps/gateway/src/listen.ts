import { createServer, type Server, type ServerOptions, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { listenOn } from '@rumen/telemetry/listen-on'
import { CORS, replyRefused } from './answer/reply.ts'

type Fetch = Parameters<typeof getRequestListener>[0]

export interface Listening {
  port: number
  connections(): number
  /** From now on each answer tells its client to connect anew. */
  letGo(): void
  /** Takes no new connections, and resolves once every request in hand is answered, or after four seconds. */
  close(): Promise<void>
}

export interface ListenOptions {
  host: string
  port: number
  /** The variable to change when the port is taken. */
  portVariable: string
  headerBytesMax: number
  headersMs: number
  /** 0: no bound. */
  connectionsMax: number
}

/** Longer than the idle time of the balancers in front: whoever closes first must not be this side, or requests get lost. */
const KEEP_ALIVE_MS = 75_000

/** Serves the app. A taken port rejects with a sentence that names the variable. */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<Listening> {
  const { host, connectionsMax } = options
  const server = createServer(serverOptions(options), getRequestListener(fetch, { hostname: host, errorHandler }))
  server.keepAliveTimeout = KEEP_ALIVE_MS
  if (connectionsMax > 0) server.maxConnections = connectionsMax
  server.on('clientError', answerClientError)
  const connections = countConnections(server)
  const letGo = letConnectionsGo(server)
  const port = await listenOn(server, options)
  return {
    port,
    connections,
    letGo,
    close: () =>
      new Promise((resolve) => {
        // Whoever is still sending then has sent nothing that was answered.
        const timer = setTimeout(() => server.closeAllConnections(), CLOSE_MS_MAX)
        server.close(() => {
          clearTimeout(timer)
          resolve()
        })
        letGo()
        server.closeIdleConnections()
      }),
  }
}

const CHECK_MS = 1_000
const CLOSE_MS_MAX = 4_000
/** Time for an answer to arrive. */
const LINGER_MS = 1_000

function serverOptions({ headerBytesMax, headersMs }: ListenOptions): ServerOptions {
  return {
    maxHeaderSize: headerBytesMax,
    headersTimeout: headersMs,
    // Slow bodies are looked after where they are read. Node's own five minutes would bound the headers' time, too.
    requestTimeout: 0,
    connectionsCheckingInterval: CHECK_MS,
    noDelay: true,
  }
}

/** What the server cannot make a request of: no valid host, a path that is none. */
function errorHandler(): Response {
  return replyRefused({
    status: 400,
    detail: 'bad request',
    causes: ['the request line or the Host header is invalid'],
  })
}

/** What never became a request: the answer is written by hand, readable from every origin as all others. */
function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [line, detail] = CLIENT_ERRORS[error.code ?? ''] ?? ['400 Bad Request', 'not a valid HTTP request']
  const body = JSON.stringify({ detail })
  const headers = {
    ...CORS,
    'Content-Type': 'application/json',
    'Content-Length': `${body.length}`,
    Connection: 'close',
  }
  const head = Object.entries({ 'X-Sentry-Error': detail, ...headers }).map(([name, value]) => `${name}: ${value}`)
  socket.end(`HTTP/1.1 ${line}\r\n${head.join('\r\n')}\r\n\r\n${body}`)
  // A client that keeps its own side open would keep the connection.
  setTimeout(() => socket.destroy(), LINGER_MS).unref()
}

const CLIENT_ERRORS: Readonly<Record<string, readonly [line: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ['431 Request Header Fields Too Large', 'the request headers exceed MAX_REQUEST_HEADER_BYTES'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'no whole request headers within REQUEST_HEADER_TIMEOUT_SECS'],
}

function countConnections(server: Server): () => number {
  let open = 0
  server.on('connection', (socket) => {
    open++
    socket.once('close', () => open--)
  })
  return () => open
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
  }
}
