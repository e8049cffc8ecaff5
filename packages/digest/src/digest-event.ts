import { group } from '@rumen/grouping/group'
import type { EventId } from '@rumen/protocol/brand'
import type { Item } from '@rumen/protocol/envelope'
import { parseEventId } from '@rumen/protocol/event-id'
import { archiveEventId, itemKey, securityReportKey } from '@rumen/protocol/item-key'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { readTransaction } from '@rumen/protocol/read-transaction'
import { type JsonObject, recordOf } from '@rumen/protocol/record'
import { securityEvent } from '@rumen/protocol/security-event'
import type { Context } from './digest-archive.ts'
import type { ItemDigest, Kept } from './item-digest.ts'
import { parseItem } from './parse-item.ts'

/** A store body says itself what it is, where an envelope has an item's header. (Relay, store endpoint) */
export function digestEventItem(context: Context, item: Item): readonly ItemDigest[] {
  const payload = parseItem(context, item)
  if (context.archive.endpoint === 'store' && payload.type === 'transaction') {
    return [transactionOf(context, { ...item, type: 'transaction' }, payload)]
  }
  const eventId = archiveEventId(context.archive, parseEventId(payload.event_id))
  return [digestEvent(context, { item, eventId, payload })]
}

export function digestTransaction(context: Context, item: Item): readonly ItemDigest[] {
  return [transactionOf(context, item, parseItem(context, item))]
}

export function digestSecurityReport(context: Context, item: Item): readonly ItemDigest[] {
  const payload = securityEvent(parseItem(context, item), item.headers, context.archive.userAgent)
  const eventId = securityReportKey(archiveEventId(context.archive, null), item.index, context.hasEvent)
  return [digestEvent(context, { item, eventId, payload })]
}

/** The event of a native crash, made of what came with its dump. */
export function digestCrash(context: Context, payload: JsonObject): readonly ItemDigest[] {
  const eventId = archiveEventId(context.archive, parseEventId(payload.event_id))
  return [digestEvent(context, { item: { index: 0, type: 'minidump' }, eventId, payload })]
}

/** The pipeline of one event. */
export function digestEvent(
  { archive, header, configs }: Context,
  {
    item,
    eventId,
    payload,
  }: { item: Pick<Item, 'index' | 'type'>; eventId: EventId; payload: Record<string, unknown> | JsonObject },
): Kept<'event'> {
  const sent = normaliseEvent(payload, {
    eventId,
    receivedAt: archive.receivedAt,
    sentAt: header.sentAt,
    sdk: header.sdk,
    clientIp: archive.clientIp,
    userAgent: archive.userAgent,
    client: archive.sentryClient,
  })
  const { event, grouping, description } = group(sent, configs.current)
  return {
    itemIndex: item.index,
    itemType: item.type,
    key: eventId,
    kind: 'event',
    event,
    grouping,
    formerGrouping: configs.former && group(sent, configs.former).grouping,
    description,
  }
}

function transactionOf({ archive, header }: Context, item: Item, payload: JsonObject): Kept<'transaction'> {
  const eventId = archiveEventId(archive, parseEventId(payload.event_id))
  const receipt = { eventId, receivedAt: archive.receivedAt, sentAt: header.sentAt }
  return {
    itemIndex: item.index,
    itemType: item.type,
    // An event may share its envelope, and with it its id.
    key: itemKey('transaction', eventId),
    kind: 'transaction',
    transaction: readTransaction(recordOf(payload), receipt),
  }
}
