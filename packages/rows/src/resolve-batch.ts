import type { NewIssue } from '@rumen/db/issue/create-issues'
import type { Kept, KeptItem } from '@rumen/digest/item-digest'
import type { Grouping } from '@rumen/grouping/group'
import { LEVELS } from '@rumen/protocol/event'
import type { DimensionIds } from './dimension-ids.ts'
import type { GroupingIds } from './grouping-ids.ts'
import type { NamedEvent, NameIds, ReadyBatch, ReadyItem, Source } from './ready-batch.ts'

/** What became of the archives of a batch, item by item, before anything has an id. */
export interface DigestedBatch extends Pick<ReadyBatch, 'counted' | 'rejected'> {
  kept: readonly { archive: Source; item: KeptItem }[]
}

export interface Resolvers {
  dimensionIds: DimensionIds
  groupingIds: GroupingIds
  /** Days sessions can be written to. */
  sessionDays: () => Promise<ReadyBatch['sessionDays']>
}

/** What is missing, dimension values and issues, is committed before the batch's own transaction begins. */
export async function resolveBatch(resolvers: Resolvers, digested: DigestedBatch): Promise<ReadyBatch> {
  const { kept, counted, rejected } = digested
  const events = kept.filter(isEvent)
  const [named, groupingIds, sessionDays] = await Promise.all([
    resolveNames(resolvers.dimensionIds, kept),
    resolvers.groupingIds.resolve(events.map(issueBegunBy)),
    resolvers.sessionDays(),
  ])
  return {
    events: named.events.map((event, at) => {
      const groupingId = groupingIds[at]
      if (groupingId === undefined) throw new Error('an event was left without its grouping')
      return { ...event, groupingId }
    }),
    items: named.items,
    counted,
    rejected,
    sessionDays,
  }
}

/** Events and other items, each in their order, with the ids of all values they name; missing values are committed first. */
export async function resolveNames(
  dimensionIds: DimensionIds,
  kept: DigestedBatch['kept'],
): Promise<{ events: readonly NamedEvent[]; items: readonly ReadyItem[] }> {
  const [events, others] = [kept.filter(isEvent), kept.filter(isOther)]
  const dimensions = await dimensionIds.resolve(
    events.map(({ archive, item }) => ({ projectId: archive.projectId, event: item.event })),
    others.map(({ archive, item }) => ({ projectId: archive.projectId, ...namesOf(item) })),
  )
  return {
    events: events.map(({ archive, item }, at) => {
      const ids = dimensions.events[at]
      if (ids === undefined) throw new Error('an event was left without its ids')
      return { archive, item, dimensions: ids }
    }),
    items: others.map(({ archive, item }, at) => ({ archive, item, names: dimensions.names[at] ?? NAMELESS })),
  }
}

const NAMELESS: NameIds = { release: null, environment: null, transaction: null }

function isEvent(one: { archive: Source; item: KeptItem }): one is { archive: Source; item: Kept<'event'> } {
  return one.item.kind === 'event'
}

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
export function issueBegunBy({ archive, item }: { archive: Source; item: Kept<'event'> }): NewIssue {
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
