import type { Sql } from 'postgres'
import { balanced, readBooks } from '../../faults/books.ts'

/**
 * What does not add up of a database in which `events` were queued and all are digested, in sentences: as many archives,
 * reports, stored in the ledger and counted by the issues; each counter what a recount says; no job and no error left.
 */
export async function audit(name: string, sql: Sql, events: number): Promise<string[]> {
  const books = await readBooks(sql)
  const [errors] = await sql<{ count: number; code: string | null }[]>`
    SELECT count(*)::int AS count, min(code || ': ' || message) AS code FROM digest_error`
  const found: Record<string, number> = { ...books }
  const faults = Object.entries(balanced(events))
    .filter(([account, expected]) => found[account] !== expected)
    .map(([account, expected]) => `${name}: ${account} is ${found[account]}, not ${expected}`)
  if (errors?.count !== 0) faults.push(`${name}: ${errors?.count} digest errors, such as ${errors?.code}`)
  return faults
}
