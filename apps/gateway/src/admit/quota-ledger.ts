import type { Quotas } from '@rumen/db/project/find-key'
import type { Usage } from '@rumen/db/quota/add-usage'
import type { ProjectId } from '@rumen/protocol/brand'

/** What one project has used of one period. */
export interface Tally {
  readonly projectId: ProjectId
  readonly period: keyof Quotas
  readonly startsAtMs: number
  readonly endsAtMs: number
  /** By all gateways, as the database said last. */
  known: number
  /** Counted here since. */
  unsent: number
}

/** A tally with what was unsent when it was sent. */
export interface Sent {
  tally: Tally
  count: number
}

export interface QuotaLedger {
  /** The tally of the period that contains the moment; from then on it is in touch with the database once more. */
  find(projectId: ProjectId, period: keyof Quotas, nowMs: number): Tally
  /** All that were found since the last call, and all that hold something unsent. */
  take(): readonly Sent[]
  /** Enters the sums that came back for what was taken. */
  settle(sent: readonly Sent[], sums: readonly Usage[]): void
  /** Keeps for the next time what could not be sent. */
  restore(sent: readonly Sent[]): void
}

/** Projects with quotas whose sums are remembered. Beyond it all sums are forgotten, and read anew within a second. */
const PROJECTS_MAX = 20_000
/** Tallies kept while they cannot be sent: of three periods for each of those projects. Further ones are not counted. */
const UNSENT_MAX = 3 * PROJECTS_MAX

/** Sums by project and period, and which of them the database has to hear of or be asked for. */
export function createQuotaLedger(): QuotaLedger {
  let projects = new Map<ProjectId, Partial<Record<keyof Quotas, Tally>>>()
  let touched = new Set<Tally>()

  function tallyOf(projectId: ProjectId, period: keyof Quotas, nowMs: number): Tally {
    const tallies = projects.get(projectId)
    const tally = tallies?.[period]
    if (tally && tally.startsAtMs <= nowMs && nowMs < tally.endsAtMs) return tally
    const begun: Tally = { projectId, period, ...periodAt(period, nowMs), known: 0, unsent: 0 }
    // The one that has ended is sent in its turn: it is among the touched as long as it holds something.
    if (tallies) tallies[period] = begun
    else {
      if (projects.size >= PROJECTS_MAX) projects = new Map()
      projects.set(projectId, { [period]: begun })
    }
    return begun
  }

  return {
    find(projectId, period, nowMs) {
      const tally = tallyOf(projectId, period, nowMs)
      touched.add(tally)
      return tally
    },
    take() {
      const sent = [...touched].map((tally) => ({ tally, count: tally.unsent }))
      touched = new Set()
      return sent
    },
    settle(sent, sums) {
      const usedOf = new Map(
        sums.map((sum) => [addressOf(sum.project_id, sum.period, sum.starts_at.getTime()), sum.used]),
      )
      for (const { tally, count } of sent) {
        tally.known = usedOf.get(addressOf(tally.projectId, tally.period, tally.startsAtMs)) ?? 0
        tally.unsent -= count
      }
    },
    restore(sent) {
      for (const { tally } of sent) if (tally.unsent > 0 && touched.size < UNSENT_MAX) touched.add(tally)
    },
  }
}

function addressOf(projectId: ProjectId, period: keyof Quotas, startsAtMs: number): string {
  return `${projectId} ${period} ${startsAtMs}`
}

/** The minute, hour or calendar month of a moment, in UTC. */
function periodAt(period: keyof Quotas, nowMs: number): Pick<Tally, 'startsAtMs' | 'endsAtMs'> {
  if (period === 'month') {
    const now = new Date(nowMs)
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()]
    return { startsAtMs: Date.UTC(year, month), endsAtMs: Date.UTC(year, month + 1) }
  }
  const lengthMs = period === 'minute' ? 60_000 : 3_600_000
  const startsAtMs = Math.floor(nowMs / lengthMs) * lengthMs
  return { startsAtMs, endsAtMs: startsAtMs + lengthMs }
}
