import type { Settings } from '@rumen/config/read-settings'
import type { ProjectId } from '@rumen/protocol/brand'
import { createTokenBuckets } from './token-bucket.ts'

type FairRateSettings = Pick<Settings, 'FAIR_RATE_PER_PROJECT_PER_SEC' | 'RATE_LIMIT_BURST_MULTIPLIER'>

/** These were looked up: nobody can make them up. */
const PROJECTS_MAX = 20_000

/**
 * Whether a project's event is within its fair rate, and so digested before those that are not: the first `digest`, the
 * others `digest-excess`. Asked once for each event; a rate of 0 makes all fair. `now` in milliseconds, never backwards.
 */
export function createFairRate(settings: FairRateSettings, now?: () => number): (projectId: ProjectId) => boolean {
  const rate = settings.FAIR_RATE_PER_PROJECT_PER_SEC
  const burst = Math.max(1, rate * settings.RATE_LIMIT_BURST_MULTIPLIER)
  const buckets = createTokenBuckets({ entriesMax: PROJECTS_MAX, now })
  return (projectId) => rate === 0 || buckets.take(projectId, rate, burst) === 0
}
