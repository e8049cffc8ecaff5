import { setInterval } from 'node:timers/promises'
import type { LoadPlan, LoadResult } from '../load/generate.ts'
import { runLoad } from '../load/run-load.ts'
import { familyCpuMs, processUsage } from '../stage/process-usage.ts'

/** A load, and what it took of the processes that bore it. */
export interface Measured extends LoadResult {
  name: string
  perSec: number
  /** Of the server under load, for each answered request; null where the system does not say. */
  serverCpuUs: number | null
  postgresCpuUs: number | null
  /** The most the server held while the load ran, looked at five times a second. */
  residentMiB: number | null
}

const SAMPLE_MS = 200

/** `postgresPid` 0: without a database. */
export async function measure(
  name: string,
  plan: LoadPlan,
  { serverPid, postgresPid }: { serverPid: number; postgresPid: number },
): Promise<Measured> {
  const memory = watchMemory(serverPid)
  const before = await cpuOf(serverPid, postgresPid)
  const result = await runLoad(plan)
  const after = await cpuOf(serverPid, postgresPid)
  const residentMiB = await memory.stop()
  const perEvent = (from: number | null, to: number | null) =>
    from === null || to === null || result.answered === 0 ? null : ((to - from) * 1000) / result.answered
  return {
    name,
    ...result,
    perSec: result.answered / result.seconds,
    serverCpuUs: perEvent(before.server, after.server),
    postgresCpuUs: perEvent(before.postgres, after.postgres),
    residentMiB,
  }
}

async function cpuOf(serverPid: number, postgresPid: number) {
  const server = await processUsage(serverPid)
  return { server: server?.cpuMs ?? null, postgres: postgresPid === 0 ? null : await familyCpuMs(postgresPid) }
}

function watchMemory(pid: number): { stop(): Promise<number | null> } {
  const stopping = new AbortController()
  let most: number | null = null
  const look = async () => {
    const usage = await processUsage(pid)
    if (usage) most = Math.max(most ?? 0, usage.residentMiB)
  }
  const watching = (async () => {
    for await (const _ of setInterval(SAMPLE_MS, undefined, { signal: stopping.signal })) await look()
  })().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error
  })
  return {
    async stop() {
      stopping.abort()
      await watching
      await look()
      return most
    },
  }
}
