import type { Connection } from '@rumen/db/connect'
import { listDays } from '@rumen/db/partition/list-days'
import { type ItemTable, readItemsOf, readReportsOf, readSessionsOf } from '@rumen/db/person/read-person-rows'
import { userIdsOf } from '@rumen/db/person/user-ids'
import type { DigestLimits } from '@rumen/digest/digest-archive'
import type { EventId } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { findTheirs, type TheirsQuestion } from './find-theirs.ts'

/** One thing that is kept about a person. */
export interface ExportedRow {
  kind: string
  row: object
}

/** How often rows of other tables are looked for: their events and archives of so many at once. */
const LOOKED_FOR_MAX = 500
const TABLES: readonly ItemTable[] = ['feedback', 'attachment', 'transaction_event', 'check_in']

/** Everything a project keeps about a person: who that is, what was made of what was received, and what was received. */
export async function* exportPerson(
  connection: Connection,
  question: TheirsQuestion,
): AsyncGenerator<ExportedRow, void> {
  const { db } = connection
  const { person } = question
  yield { kind: 'person', row: { project_id: person.projectId, matched_by: person.by, ...person.names } }
  const userIds = await userIdsOf(db, person)
  for (const { table, day, isAttached } of await listDays(db)) {
    if (table !== 'report' || !isAttached) continue
    for await (const reports of readReportsOf(db, person, { day, userIds })) {
      for (const { row } of reports) yield { kind: 'report', row }
      yield* items(connection, question, { eventIds: reports.map(({ eventId }) => eventId), hashes: [] })
    }
  }
  for (const row of await readSessionsOf(db, person)) yield { kind: 'session', row }
  for await (const theirs of findTheirs(connection, question)) {
    const hashes = theirs.map(({ hash }) => hash)
    for (let at = 0; at < hashes.length; at += LOOKED_FOR_MAX) {
      yield* items(connection, question, { eventIds: [], hashes: hashes.slice(at, at + LOOKED_FOR_MAX) })
    }
    for (const { body, encoding, ...archive } of theirs) {
      yield { kind: 'archive', row: { ...archive, ...textOf({ body, encoding }, question.limits) } }
    }
  }
}

/** A row may be both about an event of theirs and out of an archive of theirs: it is told twice then. */
async function* items(
  { db }: Connection,
  { person }: TheirsQuestion,
  theirs: { eventIds: readonly EventId[]; hashes: readonly string[] },
): AsyncGenerator<ExportedRow, void> {
  for (const table of TABLES) {
    for (const row of await readItemsOf(db, person, { table, ...theirs })) yield { kind: table, row }
  }
}

/** As text where it is text; else, and where it cannot be decoded, its bytes. */
function textOf({ body, encoding }: { body: Buffer; encoding: string }, limits: DigestLimits): object {
  try {
    const bytes = decode(body, parseContentEncoding(encoding), limits.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
    const text = bytes.toString('utf8')
    return Buffer.from(text).equals(bytes) ? { text } : { base64: bytes.toString('base64') }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error
    return { encoding, base64: body.toString('base64') }
  }
}
