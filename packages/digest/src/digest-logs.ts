import type { Item } from '@rumen/protocol/envelope'
import { LEVELS, type Level } from '@rumen/protocol/event'
import { logKeys } from '@rumen/protocol/item-key'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { readLogs } from '@rumen/protocol/read-logs'
import type { Context } from './digest-archive.ts'
import { digestEvent } from './digest-event.ts'
import type { ItemDigest } from './item-digest.ts'
import { parseItem } from './parse-item.ts'

const EVENT_LEVEL = LEVELS.indexOf('error' satisfies Level)

/** A container of logs: those at error and fatal are events, the others are counted, each by itself. */
export function digestLogs(context: Context, item: Item): readonly ItemDigest[] {
  const payload = parseItem(context, item)
  requireCount(item, payload.items)
  const { logs, cut } = readLogs(payload)
  const keyOf = logKeys(item.payload)
  const digests: ItemDigest[] = []
  let below = 0
  for (const [at, log] of logs.entries()) {
    if (LEVELS.indexOf(log.level) < EVENT_LEVEL) below++
    else digests.push(digestEvent(context, { item, eventId: keyOf(at), payload: log.payload }))
  }
  if (below > 0)
    digests.push({ kind: 'counted', itemType: 'log', outcome: 'filtered', reason: 'level', quantity: below })
  if (cut > 0) digests.push(tooMany(context, item, cut))
  if (digests.length === 0)
    digests.push({ kind: 'counted', itemType: 'log', outcome: 'filtered', reason: 'empty', quantity: 1 })
  return digests
}

/** A container that is not as long as its header says was cut, or is none (protocol page §3.6, row 34). */
function requireCount({ headers }: Item, items: unknown): void {
  if (!Array.isArray(items)) throw new ProtocolError('bad_json', ['a container of logs has a list of items'])
  const { item_count: count } = headers
  if (typeof count === 'number' && count !== items.length) {
    throw new ProtocolError('bad_item_header', [`${items.length} logs where item_count says ${count}`])
  }
}

function tooMany({ archive }: Context, item: Item, quantity: number): ItemDigest {
  const { code, message } = new ProtocolError('too_many_items', [], 'a container has too many logs')
  return {
    kind: 'rejected',
    itemIndex: item.index,
    itemType: 'log',
    eventId: archive.eventId,
    code,
    message,
    quantity,
  }
}
