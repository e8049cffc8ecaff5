import type { Metrics, Sample } from '@rumen/telemetry/metrics'
import type { CheckStatus } from './check.ts'
import { healthOfProcess, type ProcessHealth } from './judge-processes.ts'
import { fullInDays } from './judge-storage.ts'
import { SYSTEM_CHECKS } from './judge-system.ts'
import type { Observation, QueueGauges } from './observation.ts'
import type { SystemWatch } from './watch-system.ts'

const NUMBERS = { unknown: -1, off: 0, ok: 0, degraded: 1, failing: 2 } as const satisfies Record<CheckStatus, number>
const STATES = ['alive', 'dead', 'stuck'] as const satisfies ProcessHealth[]
const ROLES = ['gateway', 'worker'] as const

/**
 * How all of Rumen is, as every process tells it to Prometheus: the same names whoever is asked. What nobody knows has no
 * sample.
 */
export function reportSystem(metrics: Metrics, watch: Pick<SystemWatch, 'observation' | 'checks'>): void {
  const { observation } = watch
  metrics.gaugeBy({
    name: 'check',
    help: 'What health says: 0 well, or not wanted; 1 degraded; 2 failing; -1 could not be looked at.',
    labels: ['check'],
    read() {
      const checks = watch.checks()
      return SYSTEM_CHECKS.map((check) => ({ labels: { check }, value: NUMBERS[checks[check].status] }))
    },
  })
  metrics.gaugeBy({
    name: 'processes',
    help: 'Processes of Rumen, by role and whether they are heard of and get on.',
    labels: ['role', 'state'],
    read: () => countProcesses(observation()),
  })
  reportQueue(metrics, () => observation().recent?.queue ?? null)
  reportCanary(metrics, observation)
  reportStorage(metrics, observation)
}

function countProcesses({ recent }: Observation): readonly Sample<'role' | 'state'>[] {
  if (!recent) return []
  const { processes, queue } = recent
  return ROLES.flatMap((role) =>
    STATES.map((state) => {
      const count = processes.filter((one) => one.role === role && healthOfProcess(one, queue) === state).length
      return { labels: { role, state }, value: count }
    }),
  )
}

/** The queue's numbers are somebody else's measurement: beside them stands how old it is. */
function reportQueue(metrics: Metrics, queue: () => QueueGauges | null): void {
  const numbers = {
    queue_waiting: ['Jobs that wait for a worker.', ({ waiting }) => waiting],
    queue_active: ['Jobs a worker holds.', ({ active }) => active],
    queue_oldest_seconds: ['How long the oldest waiting job has been waiting.', ({ oldestSeconds }) => oldestSeconds],
    queue_dead: ['Jobs nobody tries any more.', ({ dead }) => dead],
    queue_age_seconds: ['Since these numbers of the queue were measured.', ({ ageSeconds }) => ageSeconds],
  } as const satisfies Record<string, readonly [help: string, read: (queue: QueueGauges) => number]>
  for (const [name, [help, read]] of Object.entries(numbers)) {
    const reading = () => {
      const known = queue()
      return known && read(known)
    }
    metrics.gauge({ name, help, read: reading })
  }
}

function reportCanary(metrics: Metrics, observation: () => Observation): void {
  const visible = () => observation().recent?.canary.visible ?? null
  metrics.gauge({
    name: 'canary_visible_seconds',
    help: 'From the sending of the last event Rumen sent to itself to its report.',
    read: () => {
      const last = visible()
      return last && last.value / 1000
    },
  })
  metrics.gauge({
    name: 'canary_age_seconds',
    help: 'Since the last event Rumen sent to itself was seen.',
    read: () => visible()?.ageSeconds ?? null,
  })
}

function reportStorage(metrics: Metrics, observation: () => Observation): void {
  const forecast = () => observation().disk?.forecast ?? null
  const gauge = (name: string, help: string, read: () => number | null) => metrics.gauge({ name, help, read })
  gauge('partition_days_ahead', 'Days after today whose partitions are made.', () => observation().daysAhead)
  gauge('disk_database_bytes', 'Bytes of the database.', () => forecast()?.databaseBytes ?? null)
  gauge('disk_free_bytes', 'Bytes the database can still grow by.', () => forecast()?.freeBytes ?? null)
  gauge('disk_bytes_per_day', 'Bytes a day adds, before anything is dropped.', () => forecast()?.bytesPerDay ?? null)
  gauge('disk_full_in_days', 'Days until the disk of the database is full; none: not within sight.', () => {
    const known = forecast()
    return known && fullInDays(known, new Date())
  })
}
