import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { hasSqlState, SQL_STATE } from '../sql-state.ts'
import { droppingStatements } from './analyst-statements.ts'
import { listAnalysts } from './list-analysts.ts'

/** `in_use`: it has rights or tables elsewhere, in another database for instance. */
export type AnalystDropped = 'dropped' | 'unknown_analyst' | 'not_allowed' | 'in_use'

/**
 * Drops a role that may use schema `project_analytics`, no other. Who is logged in as it reads nothing more from that moment. All
 * or nothing.
 */
export async function dropAnalyst(db: Db, name: string): Promise<AnalystDropped> {
  try {
    return await db.transaction(async (tx) => {
      const analysts = await listAnalysts(tx)
      if (!analysts.some((one) => one.name === name)) return 'unknown_analyst'
      for (const statement of droppingStatements(name)) await tx.execute(sql.raw(statement))
      return 'dropped'
    })
  } catch (error) {
    if (hasSqlState(error, SQL_STATE.insufficientPrivilege)) return 'not_allowed'
    if (hasSqlState(error, SQL_STATE.dependentObjects)) return 'in_use'
    throw error
  }
}
