import type { Metrics } from '@rumen/telemetry/metrics'
import type { BreakerState } from '../keep/breaker.ts'
import type { GatewayState, QueueGauges } from './gateway-state.ts'
import { secondsSince } from './health.ts'

const BREAKER_NUMBERS = { closed: 0, 'half-open': 1, open: 2 } as const satisfies Record<BreakerState, number>

/** Gauges of what the process holds at the moment, read when somebody looks. */
export function readState(metrics: Metrics, state: GatewayState): void {
  const gauge = (name: string, help: string, read: () => number | null) => metrics.gauge({ name, help, read })
  gauge('connections', 'Open connections of the public port.', state.connections)
  gauge('bytes_in_flight', 'Bytes of bodies that are read or wait for their COMMIT.', state.bytesInFlight)
  gauge('pending_receipts', 'Requests that wait for a connection to be committed on.', state.pendingReceipts)
  gauge('breaker_state', 'The database is tried: 0 first, 1 with one probe, 2 not for now.', () => {
    return BREAKER_NUMBERS[state.breaker()]
  })
  gauge('partition_days_ahead', 'Days after today whose partitions are made.', state.partitionDaysAhead)
  readSpool(gauge, state)
  readQueue(gauge, state)
}

type Gauge = (name: string, help: string, read: () => number | null) => void

function readSpool(gauge: Gauge, state: GatewayState): void {
  gauge('spool_bytes', 'Bytes in the spool.', () => state.spool()?.bytes ?? null)
  gauge('spool_max_bytes', 'SPOOL_MAX_BYTES.', () => state.spool()?.bytesMax ?? null)
  gauge('spool_kept_aside_bytes', 'Bytes the database refused, kept for somebody to look at.', () => {
    return state.spool()?.keptAsideBytes ?? null
  })
  gauge('spool_records', 'Requests that wait in the spool.', () => state.spool()?.records ?? null)
  gauge('spool_oldest_seconds', 'How long the oldest of them has been waiting; 0: none waits.', () => {
    const spool = state.spool()
    return spool && (spool.oldestReceivedAt ? secondsSince(spool.oldestReceivedAt, Date.now()) : 0)
  })
}

/** The queue's numbers are somebody else's measurement: beside them stands how old it is. */
function readQueue(gauge: Gauge, state: GatewayState): void {
  const reading = (read: (queue: QueueGauges) => number) => () => {
    const queue = state.queue()
    return queue && read(queue)
  }
  const numbers = {
    queue_waiting: ['Jobs that wait for a worker.', (queue) => queue.waiting],
    queue_active: ['Jobs a worker holds.', (queue) => queue.active],
    queue_oldest_seconds: ['How long the oldest waiting job has been waiting.', (queue) => queue.oldestSeconds],
    queue_dead: ['Jobs nobody tries any more.', (queue) => queue.dead],
    queue_age_seconds: ['Since these numbers of the queue were measured.', (queue) => queue.ageSeconds],
  } as const satisfies Record<string, readonly [help: string, read: (queue: QueueGauges) => number]>
  for (const [name, [help, read]] of Object.entries(numbers)) gauge(name, help, reading(read))
}
