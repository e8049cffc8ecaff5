import { type Check, well, worstOf } from '@rumen/health/check'
import { judgeSpool } from '@rumen/health/judge-spool'
import { type RoleHealth, roleHealth } from '@rumen/health/role-health'
import type { SpoolState } from '../spool/spool.ts'
import type { GatewayState, SystemState } from './gateway-state.ts'

/**
 * What a gateway says of itself, from what it knows already: no query, nothing waited for. It is 200 while what comes can be
 * committed or spooled, whatever else is wrong; 503 when it would be lost.
 */
export function healthOf(
  state: GatewayState,
  system: SystemState,
  { version, now = Date.now }: { version: string; now?: () => number },
): RoleHealth {
  const others = system.checks()
  return roleHealth({
    role: 'gateway',
    version,
    canWork: state.canCommit() || state.canSpool(),
    checks: { database: checkDatabase(state), ...others, spool: checkSpool(state, others.spool, now()) },
    queue: system.queue(),
  })
}

function checkDatabase(state: GatewayState): Check {
  const figures = { breaker: state.breaker() }
  if (state.canCommit() && state.breaker() === 'closed') return well(figures)
  const advice = state.canSpool()
    ? 'bring it back: until then events are kept in the spool'
    : 'bring it back: until then events are lost'
  return { status: 'failing', message: 'events cannot be stored in the database', advice, figures }
}

/** This gateway's own as it is now; what another one told of its own counts where this one is well. */
function checkSpool(state: GatewayState, others: Check, nowMs: number): Check {
  const spool = state.spool()
  if (!spool) return others
  const own = judgeSpool(spool, state.canSpool())
  const figures = { ...own.figures, oldest_seconds: oldestSeconds(spool, nowMs) }
  return { ...(worstOf([own]) === 'ok' && worstOf([others]) !== 'ok' ? others : own), figures }
}

/** How long the oldest record has been waiting, in whole seconds, never negative: clocks are set back. Null: none waits. */
export function oldestSeconds({ oldestReceivedAt }: SpoolState, nowMs: number): number | null {
  return oldestReceivedAt && Math.max(0, Math.round((nowMs - oldestReceivedAt.getTime()) / 1000))
}
