import type { GroupingConfig } from '@rumen/grouping/config'
import { group } from '@rumen/grouping/group'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import type { Event } from '@rumen/protocol/event'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { parseEventJson } from '@rumen/protocol/event-json'
import type { Cluster } from '../../fixtures/read-clusters.ts'
import { sdkEvent } from '../load/sdk-event.ts'
import { variedEvent } from '../load/varied-event.ts'
import { median } from '../report/statistics.ts'
import { normalise } from './labelled-set.ts'

/** Events a second of one core by its CPU time, for `group`, which also names the issue; normalising is not in it. */
export interface GroupingSpeed {
  /** The labelled event of the median size, again and again. */
  medianPerSec: number
  /** Bytes of that event's JSON. */
  medianBytes: number
  /** All labelled events in turn. */
  setPerSec: number
  /** The event the other suites send. */
  sdkPerSec: number
  /** The same with what differs from event to event. */
  variedPerSec: number
}

const CONFIG: GroupingConfig = { mechanism: 'v1', strategy: 'stack', rules: parseRules('') }
const COPIES_COUNT = 200
const AT = new Date('2026-02-03T10:00:00Z')

export function measureSpeed(clusters: readonly Cluster[], { rounds, events }: { rounds: number; events: number }) {
  const texts = clusters.flatMap(({ events: labelled }) => labelled.map(({ payload }) => JSON.stringify(payload)))
  const middle = texts.toSorted((a, b) => a.length - b.length)[Math.floor((texts.length - 1) / 2)] ?? '{}'
  const id = eventIdFromHash(Buffer.alloc(32, 1))
  const many = (make: (n: number) => object) => numbers(COPIES_COUNT).map((n) => read(JSON.stringify(make(n))))
  const speed = (sample: readonly Event[]) => eventsPerSec(sample, { rounds, events })
  return {
    // Each copy with strings of its own, as events have that come over the wire.
    medianPerSec: speed(numbers(COPIES_COUNT).map(() => read(middle))),
    medianBytes: Buffer.byteLength(middle),
    setPerSec: speed(texts.map(read)),
    sdkPerSec: speed(many((n) => sdkEvent(n, id))),
    variedPerSec: speed(many((n) => variedEvent(n, id, { size: 'median', issues: 'known', at: AT }))),
  } satisfies GroupingSpeed
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}

function read(text: string): Event {
  return normalise(parseEventJson(Buffer.from(text)))
}

/** The median round; the first one compiles the code and does not count. */
function eventsPerSec(sample: readonly Event[], { rounds, events }: { rounds: number; events: number }): number {
  const passes = Math.ceil(events / sample.length)
  const speeds: number[] = []
  for (let round = -1; round < rounds; round++) {
    const before = process.cpuUsage()
    for (let pass = 0; pass < passes; pass++) for (const event of sample) group(event, CONFIG)
    const { user, system } = process.cpuUsage(before)
    if (round >= 0) speeds.push((passes * sample.length * 1e6) / (user + system))
  }
  return median(speeds)
}
