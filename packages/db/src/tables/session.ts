import {
  bigint,
  date,
  doublePrecision,
  index,
  integer,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core'
import { reference } from './columns.ts'

/**
 * One session of an app, merged from its updates in whatever order they came: of each column the row keeps the `seq` of
 * the update it is from, so that the same updates make the same row. Partitioned by the UTC day it started.
 */
export const session = pgTable(
  'session',
  {
    project_id: reference().notNull(),
    sid: uuid().notNull(),
    day: date().notNull(),
    started_at: timestamp({ withTimezone: true }).notNull(),
    /** `ok` until an update ends it. */
    status: text().notNull(),
    status_seq: bigint({ mode: 'number' }).notNull(),
    /** Seconds, as the update that gave the status says. */
    duration: doublePrecision(),
    abnormal_mechanism: text(),
    errors: integer().notNull(),
    release_id: reference().notNull(),
    release_seq: bigint({ mode: 'number' }).notNull(),
    /** 0: none was named. */
    environment_id: reference().notNull(),
    environment_seq: bigint({ mode: 'number' }),
    /** 16 bytes of the hash of project and user: users are counted, not kept. */
    did: uuid(),
    did_seq: bigint({ mode: 'number' }),
  },
  (table) => [primaryKey({ columns: [table.project_id, table.sid, table.day] })],
)

const counts = () => ({
  /** Those below included. */
  sessions: bigint({ mode: 'number' }).notNull(),
  /** With an error, those below included. */
  errored: bigint({ mode: 'number' }).notNull(),
  unhandled: bigint({ mode: 'number' }).notNull(),
  abnormal: bigint({ mode: 'number' }).notNull(),
  crashed: bigint({ mode: 'number' }).notNull(),
})

/** Sessions by the hour they started in, single ones and those SDKs sent as sums. */
export const session_hour = pgTable(
  'session_hour',
  {
    project_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    release_id: reference().notNull(),
    /** 0: none was named. */
    environment_id: reference().notNull(),
    ...counts(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.hour, table.release_id, table.environment_id] }),
    // Whether any hour still names one of them.
    index('session_hour_release').on(table.project_id, table.release_id),
    index('session_hour_environment').on(table.project_id, table.environment_id),
  ],
)

/** The same by user: crash-free users are counted from it. */
export const session_user_hour = pgTable(
  'session_user_hour',
  {
    project_id: reference().notNull(),
    hour: timestamp({ withTimezone: true }).notNull(),
    release_id: reference().notNull(),
    environment_id: reference().notNull(),
    did: uuid().notNull(),
    ...counts(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.hour, table.release_id, table.environment_id, table.did] }),
  ],
)
