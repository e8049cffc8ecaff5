import { gunzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { group } from '@rumen/grouping/group'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { parseEnvelope } from '@rumen/protocol/envelope'
import { eventIdFromHash } from '@rumen/protocol/event-id'
import { parseEventJson } from '@rumen/protocol/event-json'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { median } from '../report/statistics.ts'

/** CPU of one event in µs, in this process alone. */
export interface PureDigest {
  /** Decode, parse, normalise, group, describe: all a worker does before it asks the database. */
  digestUs: number
  /** gunzip and JSON.parse: what no digest can do without. */
  floorUs: number
}

const DECODED_BYTES_MAX = 100 * 1024 * 1024
const LF = 10
const CONFIG = { mechanism: 'v1', strategy: 'stack', rules: parseRules('') } as const

/** Both in turns, so that a busy machine moves both. */
export function pureDigest(archives: readonly ArchiveRow[], { rounds, events }: { rounds: number; events: number }) {
  const some = archives.slice(0, events)
  const times: PureDigest[] = []
  for (let round = -1; round < rounds; round++) {
    const [floorUs, digestUs] = [cpuUs(some, parseOnly), cpuUs(some, digestOne)]
    // The first one compiles the code.
    if (round >= 0) times.push({ digestUs, floorUs })
  }
  return {
    digestUs: median(times.map((one) => one.digestUs)),
    floorUs: median(times.map((one) => one.floorUs)),
  } satisfies PureDigest
}

function cpuUs(archives: readonly ArchiveRow[], work: (archive: ArchiveRow) => void): number {
  const before = process.cpuUsage()
  for (const archive of archives) work(archive)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / archives.length
}

function parseOnly({ body }: ArchiveRow): void {
  const bytes = gunzipSync(body)
  const item = bytes.indexOf(LF, bytes.indexOf(LF) + 1) + 1
  JSON.parse(bytes.toString('utf8', item))
}

function digestOne({ body, encoding, hash, eventId, receivedAt, clientIp, userAgent, sentryClient }: ArchiveRow): void {
  const { header, items } = parseEnvelope(decode(body, parseContentEncoding(encoding), DECODED_BYTES_MAX))
  for (const { payload } of items) {
    const event = normaliseEvent(parseEventJson(payload), {
      eventId: eventId ?? eventIdFromHash(hash),
      receivedAt,
      sentAt: header.sentAt,
      sdk: header.sdk,
      clientIp,
      userAgent,
      client: sentryClient,
    })
    group(event, CONFIG)
  }
}
