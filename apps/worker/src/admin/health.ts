import { type Check, well } from '@rumen/health/check'
import { type RoleHealth, roleHealth } from '@rumen/health/role-health'
import type { SystemWatch } from '@rumen/health/watch-system'

/**
 * What a worker says of itself and of the others, from what it knows already. It is 503 while the database is away, for then
 * it can do nothing, and while any worker is dead or stuck: whoever watches one of them hears of the other.
 */
export function healthOf(
  system: Pick<SystemWatch, 'observation' | 'checks' | 'isDatabaseReachable'>,
  version: string,
): RoleHealth {
  const others = system.checks()
  const database = checkDatabase(system.isDatabaseReachable())
  return roleHealth({
    role: 'worker',
    version,
    canWork: database.status === 'ok' && others.workers.status !== 'failing',
    checks: { database, ...others },
    queue: system.observation().recent?.queue ?? null,
  })
}

function checkDatabase(isReachable: boolean): Check {
  if (isReachable) return well()
  const message = 'the database does not answer: nothing is digested'
  return { status: 'failing', message, advice: 'bring it back: the workers go on by themselves', figures: {} }
}
