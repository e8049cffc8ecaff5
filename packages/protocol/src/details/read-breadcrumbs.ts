import { shiftTimestamp } from '../clock.ts'
import type { Level } from '../event.ts'
import { parseEventId } from '../event-id.ts'
import { BAG_LIMITS, BREADCRUMBS_MAX, TEXT_LIMITS } from '../limits.ts'
import { maskedJson } from '../masked-json.ts'
import { normaliseLevel } from '../normalise-level.ts'
import { readName } from '../text.ts'
import { indexedValuesOf } from '../values-list.ts'
import { type BagObject, readBagObject } from './bag.ts'
import { below, noteDropped, readNotedText, type Trail } from './trail.ts'

/** Something that happened before the event. `index` is its place in the payload, by which `meta` speaks of it. */
export interface Breadcrumb {
  index: number
  at: Date | null
  type: string
  category: string | null
  level: Level
  message: string | null
  data: BagObject | null
  eventId: string | null
  origin: string | null
}

/** The last breadcrumbs, oldest first, their times moved as the event's own was. */
export function readBreadcrumbs(value: unknown, shiftMs: number, root: Trail): readonly Breadcrumb[] {
  const sent = indexedValuesOf(value)
  const trail = below(root, 'breadcrumbs', 'values')
  if (sent.length > BREADCRUMBS_MAX) noteDropped(trail, sent.length)
  return sent.slice(-BREADCRUMBS_MAX).map(({ index, value: crumb }) => ({
    index,
    at: shiftTimestamp(crumb.timestamp, shiftMs),
    type: readName(crumb.type ?? crumb.ty, TEXT_LIMITS.breadcrumbName) ?? 'default',
    category: readName(crumb.category, TEXT_LIMITS.breadcrumbName),
    level: normaliseLevel(crumb.level, 'info'),
    message: readNotedText(below(trail, index, 'message'), maskedJson(crumb.message), TEXT_LIMITS.message),
    data: readBagObject(crumb.data, BAG_LIMITS.breadcrumbData, below(trail, index, 'data')),
    eventId: parseEventId(crumb.event_id),
    origin: readName(crumb.origin, TEXT_LIMITS.breadcrumbName),
  }))
}
