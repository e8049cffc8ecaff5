import { Hono } from 'hono'
import type { GatewayState } from './gateway-state.ts'
import { healthOf } from './health.ts'

export interface AdminContext {
  state: GatewayState
  metrics: { text(): Promise<string>; contentType: string }
  /** Of Rumen. */
  version: string
}

/**
 * The admin port: for balancers, monitoring and the operator, never for the public. It answers from what the process
 * knows, so it answers while the database does not.
 */
export function createAdminApp({ state, metrics, version }: AdminContext): Hono {
  const app = new Hono()
  app.get('/health', (c) => {
    const { code, status, ...rest } = healthOf(state)
    return c.json({ status, version, role: 'gateway', ...rest }, code)
  })
  app.get('/ready', (c) => {
    const isReady = !state.isStopping() && (state.canCommit() || state.canSpool())
    return c.json({ ready: isReady }, isReady ? 200 : 503)
  })
  app.get('/metrics', async (c) => c.body(await metrics.text(), 200, { 'Content-Type': metrics.contentType }))
  app.notFound((c) => c.json({ detail: 'not found' }, 404))
  return app
}
