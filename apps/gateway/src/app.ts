import type { HttpBindings } from '@hono/node-server'
import type { Logger } from '@rumen/telemetry/logger'
import { type Context, Hono } from 'hono'
import { getPath } from 'hono/utils/url'
import { allowAnyOrigin } from './answer/cors.ts'
import { createErrorHandler } from './answer/respond-to.ts'
import type { Receive } from './receive.ts'

type Environment = { Bindings: HttpBindings }
export type App = Hono<Environment>

/** The public side: takes events, says whether it can. */
export function createApp({
  receive,
  isReady,
  logger,
}: {
  receive: Receive
  isReady: () => boolean
  logger: Logger
}): App {
  // Both spellings of a path are served: a redirect would cost the body, SDKs do not post it twice.
  const app: App = new Hono<Environment>({ getPath: readPath })
  app.use('/api/*', allowAnyOrigin)
  app.post('/api/:project/envelope', async (c) => answer(c, await receive(requestOf(c, 'envelope'))))
  app.post('/api/:project/store', async (c) => answer(c, await receive(requestOf(c, 'store'))))
  app.get('/health', (c) => (isReady() ? c.json({ status: 'ok' }) : c.json({ status: 'unavailable' }, 503)))
  app.notFound((c) => c.json({ detail: 'not found' }, 404))
  app.onError(createErrorHandler(logger))
  return app
}

/** A DSN that ends in a slash makes SDKs post to `//api/…`: repeated slashes count as one, a last one as none. */
function readPath(request: Request): string {
  const path = getPath(request)
  const single = path.includes('//') ? path.replace(/\/{2,}/g, '/') : path
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single
}

function requestOf(c: Context<Environment, '/api/:project/envelope'>, endpoint: 'envelope' | 'store') {
  return { endpoint, project: c.req.param('project'), incoming: c.env.incoming, receivedAt: new Date() } as const
}

function answer(c: Context, id: string | null): Response {
  return c.json(id === null ? {} : { id })
}
