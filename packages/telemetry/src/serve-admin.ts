import { createServer, type ServerResponse } from 'node:http'
import { listenOn } from './listen-on.ts'
import type { Metrics } from './metrics.ts'

/** What an admin port answers. Everything comes from what the process knows already: it answers while the database does not. */
export interface AdminAnswers {
  /** The status code speaks for the role. */
  health(): { code: 200 | 503; body: object }
  /** Whether work should be sent here. */
  isReady(): boolean
  metrics: Pick<Metrics, 'text' | 'contentType'>
}

export interface AdminServer {
  port: number
  /** Takes no more requests, and ends what connections there are. */
  close(): Promise<void>
}

const KiB = 1024
const HEADERS_MS_MAX = 5_000
/** A scraper, a balancer and a person at a time, not a crowd. */
const CONNECTIONS_MAX = 100

/**
 * Serves the admin port: for balancers, monitoring and the operator, never for the public. 0 picks a free port; a taken one
 * rejects with a sentence that names `portVariable`.
 */
export async function serveAdmin(
  answers: AdminAnswers,
  address: { host: string; port: number; portVariable: string },
): Promise<AdminServer> {
  const options = { maxHeaderSize: 16 * KiB, headersTimeout: HEADERS_MS_MAX, requestTimeout: HEADERS_MS_MAX }
  const server = createServer(options, (request, response) => {
    const [path] = (request.url ?? '').split('?')
    answer(answers, path ?? '', response).catch(() => replyJson(response, 500, { detail: 'internal error' }))
  })
  server.maxConnections = CONNECTIONS_MAX
  const port = await listenOn(server, address)
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer({ health, isReady, metrics }: AdminAnswers, path: string, response: ServerResponse) {
  if (path === '/health') {
    const { code, body } = health()
    replyJson(response, code, body)
  } else if (path === '/ready') {
    const ready = isReady()
    replyJson(response, ready ? 200 : 503, { ready })
  } else if (path === '/metrics') {
    reply(response, { code: 200, contentType: metrics.contentType, body: await metrics.text() })
  } else {
    replyJson(response, 404, { detail: 'not found' })
  }
}

function replyJson(response: ServerResponse, code: number, body: object): void {
  reply(response, { code, contentType: 'application/json', body: JSON.stringify(body) })
}

function reply(
  response: ServerResponse,
  { code, contentType, body }: { code: number; contentType: string; body: string },
): void {
  if (response.headersSent) return
  response.writeHead(code, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) }).end(body)
}
