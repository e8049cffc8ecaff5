import type { SeenProcess } from '@rumen/db/process/read-processes'
import { type Check, unknown, well } from './check.ts'
import { listInWords, secondsInWords } from './in-words.ts'
import type { QueueGauges } from './observation.ts'

export type ProcessHealth = 'alive' | 'dead' | 'stuck'

/** Every process says each five seconds that it lives. One that missed five of them in a row is dead, or stopped. */
const SILENT_SECONDS_MAX = 30
/** A claim lapses after sixty seconds: a batch held longer is somebody else's by now. */
const BUSY_SECONDS_MAX = 60
/** Workers look at the queue every few seconds; jobs that wait that long with nobody looking are waiting for nobody. */
const LOOKED_SECONDS_MAX = 60

/** `dead`: nothing is heard of it, whether it was killed, suspended or cut off. `stuck`: it lives and gets nowhere. */
export function healthOfProcess(process: SeenProcess, queue: QueueGauges | null): ProcessHealth {
  if (process.silentSeconds > SILENT_SECONDS_MAX) return 'dead'
  return process.role === 'worker' && (holdsTooLong(process) || looksAway(process, queue)) ? 'stuck' : 'alive'
}

function holdsTooLong({ busySeconds }: SeenProcess): boolean {
  return (busySeconds ?? 0) > BUSY_SECONDS_MAX
}

function looksAway({ lookedSeconds, busySeconds }: SeenProcess, queue: QueueGauges | null): boolean {
  if (busySeconds !== null || !queue || queue.oldestSeconds <= LOOKED_SECONDS_MAX) return false
  return (lookedSeconds ?? 0) > LOOKED_SECONDS_MAX
}

/** `machine:4711` */
export function nameOf({ host, pid }: Pick<SeenProcess, 'host' | 'pid'>): string {
  return `${host}:${pid}`
}

/** What it means that nobody of a role is there, and what to do. */
const NOBODY = {
  worker: ['no worker is running: what comes in is kept, and nobody digests it', 'start one: rumen serve worker'],
  gateway: ['no gateway is running: nothing that is sent is taken', 'start one: rumen serve gateway'],
} as const satisfies Record<string, readonly [message: string, advice: string]>

/** A database that was away until then: those who live need a moment to say so. */
const SETTLING_SECONDS = 15

/** How the processes of a role are; `settledSeconds`: since the database has been within reach without a break. */
export function judgeProcesses(
  role: 'gateway' | 'worker',
  { processes, queue }: { processes: readonly SeenProcess[]; queue: QueueGauges | null },
  settledSeconds: number,
): Check {
  const own = processes.filter((process) => process.role === role)
  const by = Map.groupBy(own, (process) => healthOfProcess(process, queue))
  const [alive, dead, stuck] = [by.get('alive') ?? [], by.get('dead') ?? [], by.get('stuck') ?? []]
  const figures = { alive: alive.length, dead: dead.map(nameOf), stuck: stuck.map(nameOf) }
  if (settledSeconds < SETTLING_SECONDS && alive.length < own.length + (own.length === 0 ? 1 : 0)) {
    return { ...unknown(`what ${role}s are running`), figures }
  }
  const faults = [...dead.map(deadInWords), ...stuck.map(stuckInWords)]
  const nobody = alive.length + stuck.length === 0 ? NOBODY[role] : null
  if (faults.length === 0 && !nobody) return well(figures)
  const advice = nobody?.[1] ?? (dead.length > 0 ? FOR_DEAD : FOR_STUCK)
  const message = [...(nobody ? [nobody[0]] : []), ...(faults.length > 0 ? [listInWords(faults)] : [])].join('; ')
  return { status: 'failing', message, advice, figures }
}

function deadInWords(process: SeenProcess): string {
  return `${process.role} ${nameOf(process)} was last heard of ${secondsInWords(process.silentSeconds)} ago`
}

function stuckInWords(process: SeenProcess): string {
  const { busySeconds, lookedSeconds } = process
  return busySeconds === null
    ? `worker ${nameOf(process)} has not asked for events for ${secondsInWords(lookedSeconds ?? 0)} while some wait`
    : `worker ${nameOf(process)} has had the same events in hand for ${secondsInWords(busySeconds)}`
}

const FOR_DEAD = 'start it again; one that is not to come back is forgotten after 15 min'
const FOR_STUCK = 'look at its log and start it again: what it holds goes to another worker'
