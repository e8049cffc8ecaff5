import type { Item } from '@rumen/protocol/envelope'
import { archiveEventId, itemKey } from '@rumen/protocol/item-key'
import { isItemType, type Treatment, treatmentOf } from '@rumen/protocol/item-type'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { readAttachment } from '@rumen/protocol/read-attachment'
import { readCheckIn } from '@rumen/protocol/read-check-in'
import { readClientReport } from '@rumen/protocol/read-client-report'
import { readFeedback, readUserReport } from '@rumen/protocol/read-feedback'
import { readSession } from '@rumen/protocol/read-session'
import { readSessions } from '@rumen/protocol/read-sessions'
import type { Context } from './digest-archive.ts'
import { digestEventItem, digestSecurityReport, digestTransaction } from './digest-event.ts'
import { digestLogs } from './digest-logs.ts'
import type { ItemDigest } from './item-digest.ts'
import { parseItem } from './parse-item.ts'

type Digest = (context: Context, item: Item) => readonly ItemDigest[]

/** What is done with each kind of item. A treatment added to the protocol does not compile until it stands here. */
const DIGESTS: Readonly<Record<Treatment, Digest>> = {
  event: digestEventItem,
  transaction: digestTransaction,
  raw_security: digestSecurityReport,
  log: digestLogs,
  session: digestSession,
  sessions: digestSessions,
  attachment: digestAttachment,
  user_report: digestUserReport,
  feedback: digestFeedback,
  check_in: digestCheckIn,
  client_report: digestClientReport,
  form_data: digestFormData,
  unsupported: (_context, item) => [counted(item, 'unsupported')],
}

/** One item as what becomes of it. Throws a ProtocolError for what cannot be read. */
export function digestItem(context: Context, item: Item): readonly ItemDigest[] {
  return DIGESTS[treatmentOf(item.type)](context, item)
}

/** An update merges by its own `sid` and `seq`; what says the same again, in whatever envelope, is a duplicate. */
function digestSession(context: Context, item: Item): readonly ItemDigest[] {
  const { archive, header } = context
  const payload = parseItem(context, item)
  const receipt = { receivedAt: archive.receivedAt, sentAt: header.sentAt }
  return [{ ...place(item, itemKey('session', item.payload)), kind: 'session', update: readSession(payload, receipt) }]
}

/** Two servers may well send the same sums: only the same archive is the same one again (protocol page §7.2). */
function digestSessions(context: Context, item: Item): readonly ItemDigest[] {
  const { archive, header } = context
  const payload = parseItem(context, item)
  const receipt = { receivedAt: archive.receivedAt, sentAt: header.sentAt }
  const sums = readSessions(payload, receipt)
  const kept: ItemDigest = { ...place(item, keyInArchive(archive, item)), kind: 'sessions', sums }
  return sums.dropped === 0 ? [kept] : [kept, droppedOf(archive, item, sums.dropped)]
}

function droppedOf({ eventId }: Context['archive'], item: Item, quantity: number): ItemDigest {
  const { code, message } = new ProtocolError('bad_session', [], 'sums of sessions without a good start, or too many')
  return { kind: 'rejected', itemIndex: item.index, itemType: item.type, eventId, code, message, quantity }
}

function digestAttachment({ archive, offsetOf }: Context, item: Item): readonly ItemDigest[] {
  const attachment = readAttachment(item)
  const key = itemKey('attachment', archiveEventId(archive, null), attachment.name, item.payload)
  return [{ ...place(item, key), kind: 'attachment', eventId: archive.eventId, attachment, byteOffset: offsetOf(item) }]
}

function digestUserReport(context: Context, item: Item): readonly ItemDigest[] {
  const feedback = readUserReport(parseItem(context, item))
  return [{ ...place(item, itemKey('user_report', item.payload)), kind: 'feedback', feedback }]
}

function digestFeedback(context: Context, item: Item): readonly ItemDigest[] {
  const { archive } = context
  const feedback = readFeedback(parseItem(context, item))
  return [{ ...place(item, itemKey('feedback', archiveEventId(archive, null))), kind: 'feedback', feedback }]
}

/** One without an id of its own is told from the next by its archive. */
function digestCheckIn(context: Context, item: Item): readonly ItemDigest[] {
  const { archive } = context
  const checkIn = readCheckIn(parseItem(context, item))
  const key = checkIn.id === null ? keyInArchive(archive, item) : itemKey('check_in', item.payload)
  return [{ ...place(item, key), kind: 'check_in', checkIn }]
}

function digestClientReport(context: Context, item: Item): readonly ItemDigest[] {
  const { archive } = context
  const discards = readClientReport(parseItem(context, item))
  return [{ ...place(item, keyInArchive(archive, item)), kind: 'client_report', discards }]
}

/** The fields of a crash reporter's form: the crash they came with has them, by themselves they are nothing. */
function digestFormData({ archive }: Context, item: Item): readonly ItemDigest[] {
  return [counted(item, archive.endpoint === 'minidump' ? 'stored' : 'unsupported')]
}

function place(item: Item, key: ReturnType<typeof itemKey>) {
  return { itemIndex: item.index, itemType: item.type, key }
}

function keyInArchive({ hash }: Context['archive'], item: Item) {
  return itemKey(item.type, hash, String(item.index))
}

/** Unknown types are free text on the wire: each would be a row of the ledger. */
function counted(item: Item, outcome: 'stored' | 'unsupported'): ItemDigest {
  const itemType = isItemType(item.type) ? item.type : 'unknown'
  return { kind: 'counted', itemType, outcome, reason: null, quantity: 1 }
}
