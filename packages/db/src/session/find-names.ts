import type { ProjectId } from '@rumen/protocol/brand'
import { sql } from 'drizzle-orm'
import type { Tx } from '../connect.ts'
import { recordset } from '../recordset.ts'
import { session } from '../tables/session.ts'

/** A value's place in `dim_release` or `dim_environment`. */
export interface NameAddress {
  project_id: ProjectId
  kind: 'release' | 'environment'
  id: number
}

/** The texts of these ids by `nameAddress`; ids whose value has expired are missing. */
export async function findNames(tx: Tx, wanted: readonly NameAddress[]): Promise<ReadonlyMap<string, string>> {
  if (wanted.length === 0) return new Map()
  const of = (kind: NameAddress['kind']) =>
    recordset(
      session,
      ['project_id', `${kind}_id`],
      wanted.filter((one) => one.kind === kind).map(({ project_id, id }) => ({ project_id, [`${kind}_id`]: id })),
    )
  const rows = await tx.execute<{ kind: NameAddress['kind']; project_id: ProjectId; id: string; value: string }>(sql`
    SELECT 'release' AS kind, dim_release.project_id, dim_release.id, dim_release.value
    FROM ${of('release')}
    JOIN dim_release ON dim_release.project_id = r.project_id AND dim_release.id = r.release_id
    UNION ALL
    SELECT 'environment', dim_environment.project_id, dim_environment.id, dim_environment.value
    FROM ${of('environment')}
    JOIN dim_environment ON dim_environment.project_id = r.project_id AND dim_environment.id = r.environment_id`)
  return new Map(rows.map(({ id, value, ...row }) => [nameAddress({ ...row, id: Number(id) }), value]))
}

export function nameAddress({ project_id, kind, id }: NameAddress): string {
  return `${project_id} ${kind} ${id}`
}
