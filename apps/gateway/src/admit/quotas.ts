import type { KeyOwner, Quotas as QuotasOfProject } from '@rumen/db/project/find-key'
import type { Usage } from '@rumen/db/quota/add-usage'
import type { Logger } from '@rumen/telemetry/logger'
import { type Limit, retryAfterSecs } from './limit.ts'
import { createQuotaLedger } from './quota-ledger.ts'

type Owner = Pick<KeyOwner, 'projectId' | 'quotas'>

export interface Quotas {
  /** Null: within its quotas, as far as is known here. Asks nobody. */
  check(owner: Owner): Limit | null
  /** Counts one request that bore an event and was accepted. */
  count(owner: Owner): void
  /** Sends what was counted last; waits two seconds for it at most. */
  stop(): Promise<void>
}

/** The longest wait is the one to tell. */
const PERIODS = ['month', 'hour', 'minute'] as const satisfies (keyof QuotasOfProject)[]

const SYNC_MS = 1_000
const STOP_MS_MAX = 2_000

/**
 * Quotas of projects, shared by any number of gateways without a query per request, and approximate by contract. What
 * was used is the sum the database gave last and what was counted here since. Once a second one statement adds that and
 * reads the sums of the projects that were here meanwhile. So a gateway learns a second late what the others accepted, and
 * too much is admitted by what comes in two. Where no project has quotas there is no statement at all.
 *
 * While the database is away each gateway goes by what it knows and counts itself. A statement whose answer was lost
 * is sent again: it may count twice, by a second's worth.
 */
export function createQuotas({
  sync,
  logger,
  now = Date.now,
}: {
  /** Adds counts to their periods and gives the sums of these periods. */
  sync: (counts: readonly Usage[]) => Promise<readonly Usage[]>
  logger: Logger
  /** Milliseconds of the calendar. */
  now?: () => number
}): Quotas {
  const ledger = createQuotaLedger()
  let syncing: Promise<void> | null = null
  let isAway = false

  async function send(): Promise<void> {
    const sent = ledger.take()
    if (sent.length === 0) return
    try {
      const counts = sent.map(({ tally, count }) => ({
        project_id: tally.projectId,
        period: tally.period,
        starts_at: new Date(tally.startsAtMs),
        used: count,
      }))
      ledger.settle(sent, await sync(counts))
      isAway = false
    } catch (error) {
      ledger.restore(sent)
      if (!isAway) logger.warn({ err: error }, 'the use of quotas cannot be shared: each gateway counts by itself')
      isAway = true
    }
  }

  /** One at a time. */
  function synchronise(): Promise<void> {
    syncing ??= send().finally(() => {
      syncing = null
    })
    return syncing
  }

  const timer = setInterval(() => void synchronise(), SYNC_MS)
  timer.unref()

  return {
    check({ projectId, quotas }) {
      for (const period of PERIODS) {
        const quota = quotas[period]
        if (quota === null) continue
        const nowMs = now()
        const { known, unsent, endsAtMs } = ledger.find(projectId, period, nowMs)
        if (known + unsent >= quota) return createLimit(period, quota, endsAtMs - nowMs)
      }
      return null
    },
    count({ projectId, quotas }) {
      for (const period of PERIODS) {
        if (quotas[period] !== null) ledger.find(projectId, period, now()).unsent++
      }
    },
    async stop() {
      clearInterval(timer)
      // One that is under way left before what was counted last.
      const lastSent = synchronise().then(synchronise)
      const patience = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS_MAX).unref())
      await Promise.race([lastSent, patience])
    },
  }
}

function createLimit(period: keyof QuotasOfProject, quota: number, waitMs: number): Limit {
  return {
    reason: `quota_${period}`,
    scope: 'project',
    retryAfterSecs: retryAfterSecs(waitMs),
    detail: `the project has used up its quota of ${quota} events a ${period} (quota_per_${period})`,
  }
}
