import type { Endpoint } from '@rumen/db/archive/archive-row'
import { reportSystem } from '@rumen/health/report-system'
import type { SystemWatch } from '@rumen/health/watch-system'
import { type Count, createMetrics, type Metrics } from '@rumen/telemetry/metrics'
import type { KeyAnswer } from '../admit/key-cache.ts'
import type { FlushReport } from '../keep/group-commit.ts'
import type { DrainOutcome } from '../spool/drain.ts'
import { type DoorOutcome, OUTCOMES, type OutcomeName } from './door-outcome.ts'
import type { GatewayState } from './gateway-state.ts'
import { readState } from './read-state.ts'

export interface AcceptedRequest {
  endpoint: Endpoint
  outcome: OutcomeName
  ms: number
  wireBytes: number
  /** 0 for what was seen again. */
  storedBytes: number
}

/** The numbers of one gateway. No label is ever what a sender or an operator chose: no project, no key, no path, no address. */
export interface GatewayMetrics {
  accepted(request: AcceptedRequest): void
  refused(endpoint: Endpoint, { outcome, reason }: DoorOutcome): void
  /** A record left the spool. */
  drained(outcome: DrainOutcome): void
  flushed(report: FlushReport): void
  keyLookedUp(answer: KeyAnswer): void
  /** Requests archived so far, those out of the spool included. */
  archived(): number
  text(): Promise<string>
  contentType: string
}

const ENDPOINTS = {
  envelope: null,
  store: null,
  security: null,
  nel: null,
  minidump: null,
  attachments: null,
  cron: null,
  feedback: null,
} as const satisfies Record<Endpoint, null>

const DRAIN_OUTCOMES = {
  archived: null,
  seen_again: null,
  refused: null,
  unknown_key: null,
} as const satisfies Record<DrainOutcome, null>

const KEY_ANSWERS = { hit: null, asked: null, stale: null, unasked: null } as const satisfies Record<KeyAnswer, null>

/** Seconds: from a commit on a fast disk to the time-outs of SDKs. */
const SECONDS_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const ROWS_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500]

/** Reasons are codes of closed sets, some sixty; should one ever not be, it costs a label and no more. */
const REASONS_MAX = 100

export function createGatewayMetrics(
  state: GatewayState,
  system: Pick<SystemWatch, 'observation' | 'checks'>,
): GatewayMetrics {
  const metrics = createMetrics('rumen_gateway_')
  let archived = 0
  readState(metrics, state)
  reportSystem(metrics, system)
  const requests = countRequests(metrics)
  const refusals = countRefusals(metrics)
  const keys = countBy(metrics, keysOf(KEY_ANSWERS), {
    name: 'key_cache_hits_total',
    help: 'Keys looked up: remembered, asked for, believed because nobody could be asked, or unknown for that reason.',
    label: 'result',
  })
  const drained = countBy(metrics, keysOf(DRAIN_OUTCOMES), {
    name: 'spool_drained_total',
    help: 'Requests that left the spool, by what became of them.',
    label: 'outcome',
  })
  const receivedBytes = metrics.counter({
    name: 'received_bytes_total',
    help: 'Bytes of accepted bodies as they came.',
  })
  const storedBytes = metrics.counter({ name: 'stored_bytes_total', help: 'Bytes of bodies as they were stored.' })
  const spoolAppends = metrics.counter({ name: 'spool_appends_total', help: 'Requests answered out of the spool.' })
  const requestSeconds = metrics.histogram({
    name: 'request_duration_seconds',
    help: 'From the headers of an accepted request to its answer.',
    bounds: SECONDS_BOUNDS,
  })
  const flushSeconds = metrics.histogram({
    name: 'flush_duration_seconds',
    help: 'Of one transaction of the group commit, from BEGIN to COMMIT.',
    bounds: SECONDS_BOUNDS,
  })
  const batchRows = metrics.histogram({
    name: 'batch_rows',
    help: 'Requests that shared a transaction.',
    bounds: ROWS_BOUNDS,
  })
  return {
    accepted(request) {
      requests[request.endpoint][request.outcome].add()
      requestSeconds.observe(request.ms / 1000)
      receivedBytes.add(request.wireBytes)
      storedBytes.add(request.storedBytes)
      if (request.outcome === 'spooled') spoolAppends.add()
      if (request.outcome === 'archived') archived++
    },
    refused(endpoint, { outcome, reason }) {
      requests[endpoint][outcome].add()
      refusals(reason).add()
    },
    drained(outcome) {
      drained[outcome].add()
      if (outcome === 'archived') archived++
    },
    flushed({ rows, ms }) {
      batchRows.observe(rows)
      flushSeconds.observe(ms / 1000)
    },
    keyLookedUp: (answer) => keys[answer].add(),
    archived: () => archived,
    text: metrics.text,
    contentType: metrics.contentType,
  }
}

function countRequests(metrics: Metrics): Readonly<Record<Endpoint, Readonly<Record<OutcomeName, Count>>>> {
  const series = metrics.counterBy({
    name: 'requests_total',
    help: 'Requests that reached an endpoint, by what became of them.',
    labels: ['endpoint', 'outcome'],
  })
  return mapKeys(keysOf(ENDPOINTS), (endpoint) => mapKeys(OUTCOMES, (outcome) => series({ endpoint, outcome })))
}

function countBy<Value extends string>(
  metrics: Metrics,
  values: readonly Value[],
  { label, ...definition }: { name: string; help: string; label: string },
): Readonly<Record<Value, Count>> {
  const series = metrics.counterBy({ ...definition, labels: [label] })
  return mapKeys(values, (value) => series({ [label]: value }))
}

function countRefusals(metrics: Metrics): (reason: string) => Count {
  const series = metrics.counterBy({
    name: 'refusals_total',
    help: 'Refused requests by the reason.',
    labels: ['reason'],
  })
  const other = series({ reason: 'other' })
  const known = new Map<string, Count>()
  return (reason) => {
    const count = known.get(reason)
    if (count) return count
    if (known.size === REASONS_MAX) return other
    const added = series({ reason })
    known.set(reason, added)
    return added
  }
}

function keysOf<Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] {
  // Object.keys forgets what the keys are; the tables above are closed.
  return Object.keys(table) as Key[]
}

function mapKeys<Key extends string, Value>(keys: readonly Key[], make: (key: Key) => Value): Record<Key, Value> {
  // Object.fromEntries forgets it, too.
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>
}
