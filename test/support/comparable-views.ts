import type { Connection } from '@rumen/db/connect'
import { countDays } from '@rumen/db/report/count-days'
import type { Sql } from 'postgres'

/** Columns that name rows of one database, or the moment it wrote them; numbers of issues depend on which worker was first. */
const OF_THIS_INSTANCE: ReadonlySet<string> = new Set([
  'digested_at',
  'issue_id',
  'issue',
  'number',
  'grouping_id',
  'error_id',
  'failed_at',
  'retry_count',
  'created_at',
  'counted_at',
])

/**
 * All rows of every view of `analytics`, as text in an order of their own, so that two databases can be compared. An issue is named by
 * its grouping keys, and what the ledger says of items is summed over the hours it was said in; requests are of one instance only.
 */
export async function comparableViews({
  db,
  sql,
}: Pick<Connection, 'db' | 'sql'>): Promise<Readonly<Record<string, readonly string[]>>> {
  // Else it is of the last hour.
  await countDays(db)
  const views = await sql<{ name: string }[]>`
    SELECT viewname AS name FROM pg_views WHERE schemaname = 'analytics' ORDER BY viewname`
  const keys = await keysOfIssues(sql)
  const read: Record<string, readonly string[]> = {}
  for (const { name } of views) {
    const rows =
      name === 'outcomes'
        ? await outcomes(sql)
        : await sql<{ row: Row }[]>`SELECT to_jsonb(v) AS row FROM ${sql(`analytics.${name}`)} AS v`
    read[name] = rows.map(({ row }) => textOf(row, keys)).toSorted()
  }
  return read
}

type Row = Readonly<Record<string, unknown>>

function textOf(row: Row, keys: ReadonlyMap<string, string>): string {
  const kept = Object.entries(row).filter(([name]) => !OF_THIS_INSTANCE.has(name))
  const key = typeof row.issue === 'string' ? [['keys of issue', keys.get(row.issue)]] : []
  return JSON.stringify(Object.fromEntries([...kept, ...key]))
}

async function outcomes(sql: Sql) {
  return await sql<{ row: Row }[]>`
    SELECT jsonb_build_object('project', project, 'item', item_type, 'outcome', outcome, 'reason', reason,
      'quantity', sum(quantity)) AS row
    FROM analytics.outcomes WHERE item_type <> 'request'
    GROUP BY project, item_type, outcome, reason`
}

async function keysOfIssues(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const rows = await sql<{ issue: string; keys: string }[]>`
    SELECT project.slug || '-' || issue.number AS issue, string_agg(encode(key_hash, 'hex'), ' ' ORDER BY key_hash) AS keys
    FROM issue
    JOIN project ON project.id = issue.project_id
    JOIN grouping ON grouping.project_id = issue.project_id AND grouping.issue_id = issue.id
    GROUP BY 1`
  return new Map(rows.map(({ issue, keys }) => [issue, keys]))
}
