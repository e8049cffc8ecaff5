import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Endpoint } from '@rumen/db/archive/archive-row'
import type { EventId } from '@rumen/protocol/brand'
import type { Tracing } from '@rumen/telemetry/tracing'
import { type Context, Hono } from 'hono'
import { Refusal } from './answer/refusal.ts'
import { type Failure, failureOf, keepsUnanswered } from './answer/refuse.ts'
import { reply, replyJson, replyPreflight, replyRefused } from './answer/reply.ts'
import type { IngestRequest } from './ingest-request.ts'
import type { Receive, Received } from './receive.ts'

type Environment = { Bindings: HttpBindings }
export type App = Hono<Environment>

/** Hears of every request that reached an endpoint, when it is answered. */
export interface Witness {
  accepted(request: IngestRequest, received: Received, answered: { status: number; ms: number }): void
  refused(request: IngestRequest, failure: Failure, error: unknown): void
}

export interface AppContext {
  receive: Receive
  canKeep: () => boolean
  witness: Witness
  idOf: (incoming: HttpBindings['incoming']) => string
  tracing: Tracing | null
  /** Path under which a proxy may hand everything on, without a last slash: that of PUBLIC_URL, or ''. */
  prefix: string
}

/** Paths as the routes have them, the methods each is served under, and the endpoint behind it. */
const ROUTES = [
  ['/api/:project/envelope', ['POST'], 'envelope'],
  ['/api/:project/store', ['POST', 'GET'], 'store'],
  ['/api/store', ['POST', 'GET'], 'store'],
  ['/api/:project/security', ['POST'], 'security'],
  ['/api/:project/csp-report', ['POST'], 'security'],
  ['/api/:project/nel', ['POST'], 'nel'],
  ['/api/:project/minidump', ['POST'], 'minidump'],
  ['/api/:project/events/:event/attachments', ['POST'], 'attachments'],
  ['/api/:project/cron/:slug', ['POST', 'GET'], 'cron'],
  ['/api/:project/cron/:slug/:key', ['POST', 'GET'], 'cron'],
  ['/api/embed/error-page', ['POST'], 'feedback'],
] as const satisfies readonly (readonly [string, readonly string[], Endpoint])[]

/** The answer to what was kept (Sentry's ingestion protocol, statuses and bodies). */
const ANSWER = {
  envelope: (id) => replyJson(200, id === null ? {} : { id }),
  store: (id, { incoming }) => (incoming.method === 'GET' ? replyPixel() : replyJson(200, { id })),
  security: () => reply(200, null),
  nel: () => reply(200, null),
  minidump: (id) => reply(200, dashed(id), { 'Content-Type': 'text/plain' }),
  attachments: () => reply(201, null),
  cron: () => reply(202, null),
  feedback: () => reply(200, null),
} as const satisfies Record<Endpoint, (id: EventId | null, request: IngestRequest) => Response>

/** The public side: takes events, says whether it can. */
export function createApp({ receive, canKeep, witness, idOf, tracing, prefix }: AppContext): App {
  // Both spellings of a path are served: a redirect would cost the body, SDKs do not post it twice.
  const app: App = new Hono<Environment>({ getPath: (request) => readPath(request.url, prefix) })

  async function take(c: Context<Environment>, endpoint: Endpoint): Promise<Response> {
    const startMs = performance.now()
    const trace = startTrace(tracing, c, endpoint)
    const request = requestOf(c, { endpoint, id: idOf(c.env.incoming), trace })
    c.env.outgoing.setHeader('X-Request-Id', request.id)
    try {
      const received = await receive(request)
      const answer = ANSWER[endpoint](received.eventId, request)
      witness.accepted(request, received, { status: answer.status, ms: performance.now() - startMs })
      trace?.set({ ...answered(request, answer.status), 'rumen.kept': received.kept })
      return answer
    } catch (error) {
      const failure = failureOf(error)
      witness.refused(request, failure, error)
      trace?.set({ ...answered(request, failure.status), 'rumen.refused': failure.reason })
      if (failure.status >= 500) trace?.fail(error)
      if (failure.outcome === 'not_kept' && keepsUnanswered(request.known.client)) {
        request.incoming.socket.destroy()
        return RESPONSE_ALREADY_SENT
      }
      return replyRefused(failure)
    } finally {
      trace?.end()
    }
  }

  for (const [path, methods, endpoint] of ROUTES) {
    app.on([...methods], path, (c) => take(c, endpoint))
    app.options(path, replyPreflight)
    app.all(path, () =>
      replyRefused({ status: 405, detail: 'method not allowed', headers: { Allow: methods.join(', ') } }),
    )
  }
  app.post('/api/:project/unreal/:key', () => replyRefused(failureOf(new Refusal('not_taken'))))
  app.options('/api/*', replyPreflight)
  app.get('/health', () => (canKeep() ? replyJson(200, { status: 'ok' }) : replyJson(503, { status: 'unavailable' })))
  app.notFound(() => replyRefused({ status: 404, detail: 'not found' }))
  app.onError((error) => replyRefused(failureOf(error)))
  return app
}

/** A DSN that ends in a slash makes SDKs post to `//api/…`: repeated slashes count as one, a last one as none. */
function readPath(url: string, prefix: string): string {
  const start = url.indexOf('/', url.indexOf('://') + 3)
  const end = url.slice(start).search(/[?#]/)
  const path = end === -1 ? url.slice(start) : url.slice(start, start + end)
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
  const bare = single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single
  return prefix !== '' && bare.startsWith(`${prefix}/`) ? bare.slice(prefix.length) : bare
}

/** Its name has the route, never the path: that may hold a key. */
function startTrace(tracing: Tracing | null, { env: { incoming } }: Context<Environment>, endpoint: Endpoint) {
  if (!tracing) return null
  const { traceparent } = incoming.headers
  return tracing.start(`${incoming.method} ${endpoint}`, {
    kind: 'server',
    parent: typeof traceparent === 'string' ? traceparent : null,
    attributes: { 'http.request.method': incoming.method ?? '', 'rumen.endpoint': endpoint },
  })
}

function answered({ known }: IngestRequest, status: number): Record<string, string | number> {
  return { 'http.response.status_code': status, ...(known.projectId && { 'rumen.project_id': known.projectId }) }
}

function requestOf(
  c: Context<Environment>,
  { endpoint, id, trace }: Pick<IngestRequest, 'endpoint' | 'id' | 'trace'>,
): IngestRequest {
  const { incoming } = c.env
  const { project, key, slug, event } = c.req.param()
  const url = incoming.url ?? ''
  const search = url.indexOf('?')
  return {
    endpoint,
    id,
    incoming,
    receivedAt: new Date(),
    query: new URLSearchParams(search === -1 ? '' : url.slice(search + 1)),
    project: project ?? null,
    path: { key, slug, eventId: event },
    trace,
    known: { projectId: null, client: null },
  }
}

/** As a page's `<img>` asks for it: very old SDKs report so. */
function replyPixel(): Response {
  return reply(200, PIXEL, { 'Content-Type': 'image/gif' })
}

/** A GIF of one transparent pixel. */
const PIXEL = new Uint8Array(Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64'))

function dashed(id: EventId | null): string {
  return (id ?? '').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
