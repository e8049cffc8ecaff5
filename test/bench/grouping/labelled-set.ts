import type { Event } from '@rumen/protocol/event'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import type { Cluster } from '../../fixtures/read-clusters.ts'
import type { Partition } from './partition.ts'

export interface LabelledSet {
  clusters: readonly Cluster[]
  /** Of all clusters one behind the other, as one project would get them. */
  events: readonly Event[]
  /** What is special about each event, in words. */
  abouts: readonly string[]
  /** The place of each event's cluster. */
  bugs: Partition
  /** The folder of each event's cluster: where the application runs. */
  folders: readonly string[]
}

const RECEIPT = {
  eventId: eventIdFromHash(Buffer.alloc(32, 1)),
  receivedAt: new Date('2026-02-03T10:00:00Z'),
  ...{ sentAt: null, clientIp: null, userAgent: null, client: null },
}

/** As the worker makes it of a payload. */
export function normalise(payload: Record<string, unknown>): Event {
  return normaliseEvent(payload, RECEIPT)
}

export function labelledSet(clusters: readonly Cluster[]): LabelledSet {
  const all = clusters.flatMap(({ name, events }, bug) => events.map((event) => ({ ...event, name, bug })))
  return {
    clusters,
    events: all.map(({ payload }) => normalise(payload)),
    abouts: all.map(({ about }) => about),
    bugs: all.map(({ bug }) => bug),
    folders: all.map(({ name }) => name.split('/', 1)[0] ?? ''),
  }
}
