import type { NewIssue } from '@rumen/db/issue/create-issues'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import type { Grouping } from '@rumen/grouping/group'
import { LEVELS } from '@rumen/protocol/event'
import type { DigestContext, DigestedBatch } from '../digest-batch.ts'
import type { NameIds, ReadyBatch, ReadyItem, Source } from '../write/ready-batch.ts'

/** What is missing, dimension values and issues, is committed before the batch's own transaction begins. */
export async function resolveBatch(context: DigestContext, digested: DigestedBatch): Promise<ReadyBatch> {
  const { kept, counted, rejected } = digested
  const events = kept.filter((one): one is { archive: Source; item: Kept<'event'> } => one.item.kind === 'event')
  const others = kept.filter(isOther)
  const [dimensions, groupingIds, sessionDays] = await Promise.all([
    context.dimensionIds.resolve(
      events.map(({ archive, item }) => ({ projectId: archive.projectId, event: item.event })),
      others.map(({ archive, item }) => ({ projectId: archive.projectId, ...namesOf(item) })),
    ),
    context.groupingIds.resolve(events.map(issueOf)),
    context.sessionDays(),
  ])
  return {
    events: events.map(({ archive, item }, at) => {
      const [groupingId, ids] = [groupingIds[at], dimensions.events[at]]
      if (groupingId === undefined || ids === undefined) throw new Error('an event was left without its ids')
      return { archive, item, groupingId, dimensions: ids }
    }),
    items: others.map(({ archive, item }, at) => ({ archive, item, names: dimensions.names[at] ?? NAMELESS })),
    counted,
    rejected,
    sessionDays,
  }
}

const NAMELESS: NameIds = { release: null, environment: null, transaction: null }

function isOther(one: { archive: Source; item: KeptItem }): one is { archive: Source; item: ReadyItem['item'] } {
  return one.item.kind !== 'event'
}

/** What an item beside events names that has a table of its own. */
function namesOf(item: ReadyItem['item']): Readonly<Record<keyof NameIds, string | null>> {
  switch (item.kind) {
    case 'transaction': {
      const { name, release, environment } = item.transaction
      return { transaction: name, release, environment }
    }
    case 'check_in':
      return { transaction: null, release: item.checkIn.release, environment: item.checkIn.environment }
    case 'session':
      return { transaction: null, release: item.update.release, environment: item.update.environment }
    case 'sessions':
      return { transaction: null, release: item.sums.release, environment: item.sums.environment }
    default:
      return { transaction: null, release: null, environment: null }
  }
}

/** The issue an event would begin. */
function issueOf({ archive, item }: { archive: Source; item: Kept<'event'> }): NewIssue {
  const { event, grouping, formerGrouping, description } = item
  return {
    project_id: archive.projectId,
    key_hash: hashInHex(grouping),
    former_key_hash: formerGrouping && hashInHex(formerGrouping),
    mechanism: grouping.mechanism,
    key: grouping.key,
    parts: grouping.parts,
    title: description.title,
    culprit: description.culprit,
    type: description.type,
    value: description.value,
    level: LEVELS.indexOf(event.level),
    seen_at: event.occurredAt,
  }
}

function hashInHex({ hash }: Grouping): string {
  return `\\x${hash.toString('hex')}`
}
