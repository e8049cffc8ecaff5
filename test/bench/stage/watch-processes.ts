import { availableParallelism, cpus } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { familyCpuMs, familyMemoryMiB, processUsage } from './process-usage.ts'

/** What everybody had used by a moment. */
export interface Sample {
  atMs: number
  /** CPU of each process by its name, since it started; those that cannot be read are missing. */
  cpuMs: Readonly<Record<string, number>>
  /** Of all cores together, others' work included. */
  busyMs: number
  wholeMs: number
}

export interface Observed {
  samples: readonly Sample[]
  /** The most each process held; of PostgreSQL all processes together, pages they share counted once. */
  peakMiB: Readonly<Record<string, number>>
}

export interface Watch {
  stop(): Promise<Observed>
}

const SAMPLE_MS = 200
/** Adding up PostgreSQL's memory walks all its page tables: not at every sample. */
const SAMPLES_PER_FAMILY_MEMORY = 5
/** What PostgreSQL is called among the processes. */
export const POSTGRES = 'PostgreSQL'

/** Looks at the processes, and at PostgreSQL, whose processes are a family, five times a second until it is stopped. */
export function watchProcesses(pids: Readonly<Record<string, number>>, postgresPid: number): Watch {
  const samples: Sample[] = []
  const peakMiB: Record<string, number> = {}
  const hold = (name: string, value: number | null) => {
    if (value !== null) peakMiB[name] = Math.max(peakMiB[name] ?? 0, value)
  }
  async function look(): Promise<void> {
    const cpuMs: Record<string, number> = {}
    for (const [name, pid] of Object.entries(pids)) {
      const usage = await processUsage(pid)
      if (usage) cpuMs[name] = usage.cpuMs
      hold(name, usage?.residentMiB ?? null)
    }
    const family = postgresPid === 0 ? null : await familyCpuMs(postgresPid)
    if (family !== null) cpuMs[POSTGRES] = family
    if (family !== null && samples.length % SAMPLES_PER_FAMILY_MEMORY === 0) {
      hold(POSTGRES, await familyMemoryMiB(postgresPid))
    }
    samples.push({ atMs: Date.now(), cpuMs, ...coresNow() })
  }
  let watching = true
  const finished = (async () => {
    while (watching) {
      await look()
      await delay(SAMPLE_MS)
    }
  })()
  finished.catch(() => undefined)
  return {
    async stop() {
      watching = false
      await finished
      await look()
      return { samples, peakMiB }
    },
  }
}

/**
 * What was used between two moments; a moment between two samples has its share of what was used between them.
 * `busyShare` and `oursShare` are of all cores: what anybody used of them, and what these processes did.
 */
export function usedBetween(samples: readonly Sample[], fromMs: number, toMs: number) {
  const [from, to] = [usedBy(samples, fromMs), usedBy(samples, toMs)]
  const seconds = (toMs - fromMs) / 1000
  const cpuMs = Object.fromEntries(
    Object.entries(to.cpuMs).map(([name, used]) => [name, used - (from.cpuMs[name] ?? 0)]),
  )
  const busyShare = to.wholeMs > from.wholeMs ? (to.busyMs - from.busyMs) / (to.wholeMs - from.wholeMs) : 0
  const oursMs = Object.values(cpuMs).reduce((sum, ms) => sum + ms, 0)
  const oursShare = oursMs / Math.max(1, toMs - fromMs) / availableParallelism()
  return { seconds, cpuMs, busyShare, oursShare }
}

function usedBy(samples: readonly Sample[], atMs: number): Sample {
  const [first] = samples
  if (first === undefined) throw new Error('nobody looked')
  const before = samples.findLast((sample) => sample.atMs <= atMs) ?? first
  const after = samples.find((sample) => sample.atMs > atMs) ?? before
  const share = after.atMs > before.atMs ? Math.max(0, (atMs - before.atMs) / (after.atMs - before.atMs)) : 0
  const between = (from: number, to: number) => from + (to - from) * share
  return {
    atMs,
    cpuMs: Object.fromEntries(
      Object.entries(after.cpuMs).map(([name, used]) => [name, between(before.cpuMs[name] ?? 0, used)]),
    ),
    busyMs: between(before.busyMs, after.busyMs),
    wholeMs: between(before.wholeMs, after.wholeMs),
  }
}

function coresNow(): { busyMs: number; wholeMs: number } {
  let [busyMs, wholeMs] = [0, 0]
  for (const { times } of cpus()) {
    const busy = times.user + times.nice + times.sys + times.irq
    busyMs += busy
    wholeMs += busy + times.idle
  }
  return { busyMs, wholeMs }
}
