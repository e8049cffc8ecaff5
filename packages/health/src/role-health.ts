import { type Check, checkInJson, worstOf } from './check.ts'
import type { QueueGauges } from './observation.ts'

/** What an admin port answers on `/health`. */
export interface RoleHealth {
  code: 200 | 503
  body: object
}

/**
 * Health as every role answers it. `canWork` decides the status code, and nothing else does: whether this role does its job.
 * `unavailable` is one that does not, `degraded` one that does while something is wrong somewhere.
 */
export function roleHealth({
  role,
  version,
  canWork,
  checks,
  queue,
}: {
  role: string
  version: string
  canWork: boolean
  checks: Readonly<Record<string, Check>>
  queue: QueueGauges | null
}): RoleHealth {
  const isWell = worstOf(Object.values(checks)) === 'ok'
  const body = {
    status: canWork ? (isWell ? 'ok' : 'degraded') : 'unavailable',
    version,
    role,
    checks: Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, checkInJson(check)])),
    queue: queueInJson(queue),
  }
  return { code: canWork ? 200 : 503, body }
}

/** Null: nobody has measured it. */
export function queueInJson(queue: QueueGauges | null): Readonly<Record<string, number>> | null {
  if (!queue) return null
  const { waiting, active, oldestSeconds, dead, ageSeconds } = queue
  return { waiting, active, oldest_seconds: oldestSeconds, dead, age_seconds: ageSeconds }
}
