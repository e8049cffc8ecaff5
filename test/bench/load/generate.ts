import { randomBytes } from 'node:crypto'
import { on } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { type LoadConnection, openConnection } from './connection.ts'
import { collectLatencies, type LatencySummary } from './latencies.ts'
import { requestPool, type Shape, type Target } from './request-pool.ts'

export interface LoadPlan extends Target {
  shape: Shape
  connections: number
  seconds: number
  /** Requests a second, sent on time whatever the answers do; null: each connection sends when it is answered. */
  ratePerSec: number | null
}

export interface LoadResult {
  answered: number
  /** How many got which other status. */
  refused: Record<string, number>
  /** Sent, and no answer came. */
  unanswered: number
  /** From the first request to the last answer. */
  seconds: number
  /** Of a fixed rate: from the moment a request was due, so that a stall is counted for everyone it kept waiting. */
  latencyMs: LatencySummary
  /** Of a fixed rate: how late the requests left, which is the generator's own part of the latency. */
  lagMs: LatencySummary | null
  /** Of one core. */
  cpuShare: number
}

const REQUESTS_PER_SEC_MAX = 150_000
const LAST_ANSWERS_MS_MAX = 15_000
const POLL_MS = 5

/** Runs a load to its end; what is under way when the time is over is waited for. */
export async function generate(plan: LoadPlan): Promise<LoadResult> {
  const pool = requestPool(plan.shape, plan)
  const requestsMax = Math.ceil(plan.seconds * (plan.ratePerSec ?? REQUESTS_PER_SEC_MAX))
  const latencies = collectLatencies()
  const lags = collectLatencies()
  const refused: Record<string, number> = {}
  const since = new Map<LoadConnection, number>()
  const idle: LoadConnection[] = []
  /** When requests were due that found no idle connection: they wait, and their waiting counts. */
  const due: number[] = []
  const run = randomBytes(8).toString('hex')
  const counts = { sent: 0, answered: 0, done: 0 }
  let sending = true
  let firstSentAt = 0
  let lastAnswerAt = 0

  function send(connection: LoadConnection, dueAt: number): void {
    const request = pool[counts.sent % pool.length]
    if (!request) throw new Error('there is nothing to send')
    request.renew(run + counts.sent.toString(16).padStart(16, '0'))
    if (counts.sent++ === 0) firstSentAt = performance.now()
    since.set(connection, dueAt)
    connection.send(request.bytes)
  }

  function sendDue(): void {
    while (due.length > 0) {
      const connection = idle.pop()
      if (!connection) return
      const dueAt = due.shift() ?? 0
      lags.add(performance.now() - dueAt)
      send(connection, dueAt)
    }
  }

  const handlers = {
    onAnswer(status: number, connection: LoadConnection): void {
      const now = performance.now()
      latencies.add(now - (since.get(connection) ?? now))
      lastAnswerAt = now
      counts.done++
      if (status === 200) counts.answered++
      else refused[status] = (refused[status] ?? 0) + 1
      if (plan.ratePerSec !== null) {
        idle.push(connection)
        sendDue()
      } else if (sending && counts.sent < requestsMax) send(connection, now)
    },
    // Its request, if any, stays unanswered and is counted so.
    onBroken: () => undefined,
  }

  const connections = await Promise.all(
    Array.from({ length: plan.connections }, () => openConnection(plan.port, handlers)),
  )
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  if (plan.ratePerSec === null) {
    for (const connection of connections) send(connection, performance.now())
    await delay(plan.seconds * 1000)
  } else {
    idle.push(...connections)
    const endsAt = startedAt + plan.seconds * 1000 + LAST_ANSWERS_MS_MAX
    for await (const dueAt of dueTimes(plan.ratePerSec, requestsMax)) {
      due.push(dueAt)
      sendDue()
      if (performance.now() > endsAt) break
    }
    while (due.length > 0 && performance.now() < endsAt) await delay(POLL_MS)
  }
  sending = false
  const deadline = performance.now() + LAST_ANSWERS_MS_MAX
  while (counts.done < counts.sent && performance.now() < deadline) await delay(POLL_MS)
  const { user, system } = process.cpuUsage(cpuBefore)
  const seconds = ((lastAnswerAt || performance.now()) - firstSentAt) / 1000
  for (const connection of connections) connection.close()
  return {
    answered: counts.answered,
    refused,
    unanswered: counts.sent - counts.done + due.length,
    seconds,
    latencyMs: latencies.summary(),
    lagMs: plan.ratePerSec === null ? null : lags.summary(),
    cpuShare: (user + system) / 1e6 / seconds,
  }
}

/** The moments at which requests are due, each given when it comes; late, when this process does not get to run. */
async function* dueTimes(ratePerSec: number, count: number): AsyncGenerator<number, void> {
  const pacer = new Worker(new URL('./pacer.ts', import.meta.url), { workerData: { ratePerSec, count } })
  try {
    let first: number | null = null
    let n = 0
    for await (const _ of on(pacer, 'message', { close: ['exit'] })) {
      const now = performance.now()
      first ??= now
      yield Math.min(now, first + (n++ * 1000) / ratePerSec)
      if (n === count) return
    }
  } finally {
    await pacer.terminate()
  }
}
