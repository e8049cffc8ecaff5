import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  date,
  index,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { bytea, identity, reference } from './columns.ts'

/**
 * One bug: what its groupings add up to. It is made before its first event is counted: a row with no event is invisible, a
 * gap in the numbers is fine.
 */
export const issue = pgTable(
  'issue',
  {
    project_id: reference().notNull(),
    id: identity(),
    number: bigint({ mode: 'number' }).notNull(),
    title: text().notNull(),
    culprit: text().notNull(),
    type: text(),
    value: text(),
    /** Index into LEVELS, of the newest event. */
    level: smallint().notNull(),
    /** `deleting`: gone for everybody but for who deletes it, and no event finds it any more. */
    status: text().notNull().default('unresolved'),
    first_seen: timestamp({ withTimezone: true }).notNull(),
    last_seen: timestamp({ withTimezone: true }).notNull(),
    event_count: bigint({ mode: 'number' }).notNull().default(0),
    /** Distinct ones within retention; one of two of its groupings counts once. */
    user_count: bigint({ mode: 'number' }).notNull().default(0),
    /** Of its earliest and its latest event that name one. */
    first_release: text(),
    first_release_at: timestamp({ withTimezone: true }),
    last_release: text(),
    last_release_at: timestamp({ withTimezone: true }),
    resolved_at: timestamp({ withTimezone: true }),
    /** The release with the fix: events of older ones reopen nothing. Null: any later event does. */
    resolved_in_release: text(),
    /** Muted until this moment, or until `event_count` reaches the number; with neither, for good. */
    muted_until: timestamp({ withTimezone: true }),
    muted_until_count: bigint({ mode: 'number' }),
    /**
     * The issue of the same project that has its groupings. Its own status, muting and timeline wait until it is unmerged;
     * without groupings it counts no event.
     */
    merged_into: reference(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    unique().on(table.project_id, table.number),
    index('issue_muted_until').on(table.muted_until).where(sql`${table.muted_until} IS NOT NULL`),
    index('issue_merged_into').on(table.project_id, table.merged_into).where(sql`${table.merged_into} IS NOT NULL`),
    check('issue_status', sql`${table.status} IN ('unresolved', 'resolved', 'muted', 'deleting')`),
  ],
)

/**
 * A grouping key and the issue it points at: merging two issues moves pointers, never reports. What is counted belongs to the
 * grouping and goes where it goes. A row changes only under the lock of the issue it points at.
 */
export const grouping = pgTable(
  'grouping',
  {
    project_id: reference().notNull(),
    id: identity(),
    key_hash: bytea().notNull(),
    issue_id: reference().notNull(),
    mechanism: text().notNull(),
    key: text().notNull(),
    parts: jsonb().notNull(),
    created_at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** The grouping whose issue this key took over when its project moved to other rules. */
    adopted_from: reference(),
    /** Of its own events, as the columns of these names are of the issue's; null while there is none. */
    event_count: bigint({ mode: 'number' }).notNull().default(0),
    level: smallint(),
    first_seen: timestamp({ withTimezone: true }),
    last_seen: timestamp({ withTimezone: true }),
    first_release: text(),
    first_release_at: timestamp({ withTimezone: true }),
    last_release: text(),
    last_release_at: timestamp({ withTimezone: true }),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.id] }),
    uniqueIndex('grouping_key').on(table.project_id, table.key_hash),
    index('grouping_issue').on(table.project_id, table.issue_id),
  ],
)

/** Events of an issue's grouping by hour of receipt. */
export const issue_hour = pgTable(
  'issue_hour',
  {
    project_id: reference().notNull(),
    grouping_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    event_count: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.grouping_id, table.hour] })],
)

/** Events of an issue's grouping by tag; of each key at most 100 values, all others are `(other)`. */
export const issue_tag = pgTable(
  'issue_tag',
  {
    project_id: reference().notNull(),
    grouping_id: reference().notNull(),
    tag_key: text().notNull(),
    tag_value: text().notNull(),
    event_count: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.grouping_id, table.tag_key, table.tag_value] })],
)

/** Who met a grouping, by the first way of telling users apart that their events have: one with two addresses is one. */
export const issue_user = pgTable(
  'issue_user',
  {
    project_id: reference().notNull(),
    grouping_id: reference().notNull(),
    /** 8 bytes of the SHA-256 of what they are known by. */
    user_key: bigint({ mode: 'bigint' }).notNull(),
    /** UTC day of receipt of the newest event; the row goes when that day's reports have. */
    last_day: date().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.grouping_id, table.user_key] }),
    index('issue_user_last_day').on(table.last_day),
  ],
)

/** What happened to an issue besides its events: one timeline. */
export const activity = pgTable(
  'activity',
  {
    project_id: reference().notNull(),
    issue_id: reference().notNull(),
    id: identity(),
    kind: text().notNull(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** What the kind needs to be told: a release, a count, a moment. */
    data: jsonb().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.issue_id, table.id] }),
    check(
      'activity_kind',
      sql`${table.kind} IN ('resolved', 'reopened', 'regressed', 'muted', 'unmuted', 'merged', 'unmerged', 'split')`,
    ),
  ],
)
