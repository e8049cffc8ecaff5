import { type SQL, sql } from 'drizzle-orm'
import { columnList, type Row, recordset } from '../recordset.ts'
import { type Bound, type Dimension, OTHER } from './dimensions.ts'

export interface FoundValue extends Record<string, unknown> {
  /** Null: it is missing, and there is no place for it. */
  id: string | null
  key: string
  /** 0 of a shared vocabulary. */
  project_id: string
}

/**
 * The statement that finds the rows (no two of one key), inserts the missing ones as far as there are places, and notes
 * the day in those last used on an earlier one. What somebody else inserts or removes at that moment is left out of the
 * answer, and settled for the next statement.
 *
 * Two of them cannot deadlock: both first lock what they insert, then what they touch, each in the order of the keys.
 * Missing rows are looked for before they are inserted: ON CONFLICT alone burns an identity each time.
 */
export function useValues(dimension: Dimension, rows: readonly Row[]): SQL {
  const { table, columns, perProject, days } = dimension
  const address = perProject ? ['project_id', 'key'] : ['key']
  const all = [...address, ...columns, ...days]
  const found = sql.raw(perProject ? 'd.id, d.project_id, d.key' : 'd.id, 0 AS project_id, d.key')
  const isFound = alike(address, 'd', 'r')
  return sql`
    WITH r AS MATERIALIZED (
      SELECT * FROM ${recordset(table, all, rows)}
    ),
    missing AS MATERIALIZED (
      SELECT * FROM r WHERE NOT EXISTS (SELECT FROM ${table} AS d WHERE ${isFound})
    ),
    ${placed(dimension)},
    inserted AS (
      INSERT INTO ${table} AS d (${columnList(all)})
      SELECT ${columnList(all)} FROM placed WHERE fits ORDER BY ${columnList(address)}
      ON CONFLICT DO NOTHING
      RETURNING ${found}
    )
    ${perProject ? touched(dimension) : sql``}
    SELECT * FROM inserted
    UNION ALL SELECT NULL, ${sql.raw(perProject ? 'project_id' : '0')}, key FROM placed WHERE NOT fits
    UNION ALL SELECT ${found} FROM r JOIN ${table} AS d ON ${isFound}
    ${perProject ? sql`WHERE d.last_day >= r.last_day - 1 UNION ALL SELECT * FROM touched` : sql``}`
}

/**
 * `placed`: the missing rows, and whether each `fits`. Places are counted only where something is missing, no further than
 * the bound; `(other)` takes none, and always fits.
 */
function placed({ table, bound }: Dimension): SQL {
  if (!bound) return sql`placed AS MATERIALIZED (SELECT *, true AS fits FROM missing)`
  const { valuesMax, within } = bound
  const group = (prefix: string) => (within.length > 0 ? columnList(within, prefix) : sql.raw('true'))
  return sql`
    room AS MATERIALIZED (
      SELECT g.*, ${valuesMax}::int - (
        SELECT count(*) FROM (
          SELECT FROM ${table} AS d WHERE ${alike(within, 'd', 'g')} AND NOT ${isOther(bound, 'd')} LIMIT ${valuesMax}
        ) AS counted
      ) AS places
      FROM (SELECT DISTINCT ${group('missing.')} FROM missing) AS g
    ),
    placed AS MATERIALIZED (
      SELECT missing.*, ${isOther(bound, 'missing')} OR room.places >= row_number() OVER (
        PARTITION BY ${group('missing.')} ORDER BY ${isOther(bound, 'missing')}, missing.key
      ) AS fits
      FROM missing JOIN room ON ${alike(within, 'missing', 'room')}
    )`
}

/**
 * `touched`: rows last used on an earlier day. Yesterday's are in the answer anyway, so that workers need not look twice at
 * midnight; older ones only when this statement has touched them: the others may be about to expire.
 */
function touched({ table }: Dimension): SQL {
  return sql`,
    stale AS MATERIALIZED (
      SELECT d.project_id, d.id, r.last_day AS today
      FROM r JOIN ${table} AS d ON d.project_id = r.project_id AND d.key = r.key
      WHERE d.last_day < r.last_day AND (SELECT count(*) FROM inserted) >= 0
      ORDER BY d.project_id, d.key
      FOR NO KEY UPDATE OF d
    ),
    touched AS (
      UPDATE ${table} AS d SET last_day = stale.today
      FROM stale
      WHERE d.project_id = stale.project_id AND d.id = stale.id
      RETURNING d.id, d.project_id, d.key
    )`
}

function alike(columns: readonly string[], left: string, right: string): SQL {
  return sql.raw(columns.map((column) => `${left}."${column}" = ${right}."${column}"`).join(' AND ') || 'true')
}

function isOther({ open }: Bound, row: string): SQL {
  return sql.raw(
    `(${open.map((column) => `${row}."${column}" IS NOT DISTINCT FROM '${OTHER}'`).join(' AND ') || 'false'})`,
  )
}
