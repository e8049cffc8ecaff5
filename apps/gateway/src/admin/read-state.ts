import type { Metrics } from '@rumen/telemetry/metrics'
import type { BreakerState } from '../keep/breaker.ts'
import type { GatewayState } from './gateway-state.ts'
import { oldestSeconds } from './health.ts'

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
  readSpool(gauge, state)
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
    return spool && (oldestSeconds(spool, Date.now()) ?? 0)
  })
}
