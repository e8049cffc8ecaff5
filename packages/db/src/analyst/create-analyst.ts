import type { ProjectId } from '@rumen/protocol/brand'
import { DrizzleQueryError, sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { lockProject } from '../project/lock-project.ts'
import { hasSqlState, SQL_STATE } from '../sql-state.ts'
import { type Analyst, creatingStatements } from './analyst-statements.ts'
import { scramVerifier } from './scram-verifier.ts'

export type AnalystCreated =
  | { outcome: 'created' | 'taken' | 'not_allowed' }
  | { outcome: 'unknown_project'; projectId: ProjectId }

/**
 * Makes a role of the server that may log in with this password and read the views of schema `project_analytics`, which show it
 * these projects. `not_allowed`: this login may not make roles.
 */
export async function createAnalyst(db: Db, analyst: Analyst & { password: string }): Promise<AnalystCreated> {
  try {
    return await db.transaction((tx) => create(tx, analyst))
  } catch (error) {
    if (hasSqlState(error, SQL_STATE.insufficientPrivilege)) return { outcome: 'not_allowed' }
    if (hasSqlState(error, SQL_STATE.duplicateObject)) return { outcome: 'taken' }
    // Around it stands the statement, with what the server would keep of the password.
    throw error instanceof DrizzleQueryError ? (error.cause ?? new Error('the role was not created')) : error
  }
}

async function create(tx: Tx, { password, ...analyst }: Analyst & { password: string }): Promise<AnalystCreated> {
  for (const projectId of analyst.projectIds) {
    if ((await lockProject(tx, projectId)) === null) return { outcome: 'unknown_project', projectId }
  }
  for (const statement of creatingStatements(analyst)) await tx.execute(sql.raw(statement))
  await tx.execute(sql.raw(`ALTER ROLE "${analyst.name}" PASSWORD '${scramVerifier(password)}'`))
  return { outcome: 'created' }
}
