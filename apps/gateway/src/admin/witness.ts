import type { Witness } from '../app.ts'
import type { IngestRequest } from '../ingest-request.ts'
import type { DrainedRecord, DrainOutcome } from '../spool/drain.ts'
import type { DoorLedger } from './door-ledger.ts'
import type { DoorOutcome } from './door-outcome.ts'
import type { GatewayMetrics } from './gateway-metrics.ts'
import type { LoggedRequest, RequestLog } from './request-log.ts'

export interface GatewayWitness extends Witness {
  /** Hears of what left the spool. */
  drained(records: readonly DrainedRecord[]): void
}

/** Writes what became of each request into the ledger, the metrics and the log: a microsecond in all. */
export function createWitness({
  ledger,
  metrics,
  log,
}: {
  ledger: Pick<DoorLedger, 'count'>
  metrics: Pick<GatewayMetrics, 'accepted' | 'refused' | 'drained'>
  log: Pick<RequestLog, 'accepted' | 'refused'>
}): GatewayWitness {
  return {
    accepted(request, { kept, wireBytes, storedBytes }, { status, ms }) {
      const { endpoint } = request
      const isUnverified = kept === 'spooled' && request.known.projectId === null
      const door: DoorOutcome = { outcome: kept, reason: isUnverified ? 'unverified' : '' }
      count(request, door)
      metrics.accepted({ endpoint, outcome: kept, ms, wireBytes, storedBytes: kept === 'seen_again' ? 0 : storedBytes })
      log.accepted(toLog(request, door, status), ms)
    },
    refused(request, { outcome, reason, status }, error) {
      const door: DoorOutcome = { outcome, reason }
      count(request, door)
      metrics.refused(request.endpoint, door)
      log.refused(toLog(request, door, status), error)
    },
    drained(records) {
      for (const { record, outcome } of records) {
        const { projectId, receivedAt } = record.receipt.archive
        // The project of a key that opens nothing is the sender's word alone.
        const known = outcome === 'unknown_key' ? null : projectId
        ledger.count({ projectId: known, ...DRAINED[outcome], receivedAtMs: receivedAt.getTime() })
        metrics.drained(outcome)
      }
    },
  }

  function count({ known, receivedAt }: IngestRequest, { outcome, reason }: DoorOutcome): void {
    ledger.count({ projectId: known.projectId, outcome, reason, receivedAtMs: receivedAt.getTime() })
  }
}

/** Field by field: spreading the three took as long as all the counting. */
function toLog(
  { id, endpoint, known }: IngestRequest,
  { outcome, reason }: DoorOutcome,
  status: number,
): LoggedRequest {
  return { requestId: id, projectId: known.projectId, endpoint, status, outcome, reason, client: known.client }
}

const DRAINED = {
  archived: { outcome: 'archived', reason: 'spool' },
  seen_again: { outcome: 'seen_again', reason: 'spool' },
  unknown_key: { outcome: 'discarded', reason: 'unknown_key' },
  refused: { outcome: 'kept_aside', reason: '' },
} as const satisfies Record<DrainOutcome, DoorOutcome>
