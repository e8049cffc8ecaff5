import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { grouping_config } from '../tables/project.ts'

/** One version of how a project's events are grouped. */
export interface ConfigAddress {
  projectId: ProjectId
  version: number
}

/** As it stands in the database: what a version of Rumen makes of it is for `readConfig` of the grouping package. */
export interface StoredConfig extends ConfigAddress {
  mechanism: string
  strategy: string
  rules: string
}

/** The versions asked for, as far as they exist. They never change, and may be remembered. */
export async function readConfigs(db: Db, wanted: readonly ConfigAddress[]): Promise<readonly StoredConfig[]> {
  if (wanted.length === 0) return []
  const addresses = wanted.map(({ projectId, version }) => ({ project_id: projectId, version }))
  const rows = await db.execute<Omit<StoredConfig, 'projectId'> & { project_id: ProjectId }>(sql`
    SELECT config.project_id, config.version, config.mechanism, config.strategy, config.rules
    FROM ${recordset(grouping_config, ['project_id', 'version'], addresses)}
    JOIN grouping_config AS config ON config.project_id = r.project_id AND config.version = r.version`)
  return rows.map(({ project_id, ...config }) => ({ projectId: project_id, ...config }))
}
