import { isIP } from 'node:net'
import type { ProjectId } from '@rumen/protocol/brand'
import { type SQL, sql } from 'drizzle-orm'
import type { Db, Tx } from '../connect.ts'
import { type Person, WAYS, type Way } from './person.ts'

/** Columns of `dim_user`. */
const COLUMNS: Readonly<Record<Way, string>> = { id: 'user_id', email: 'email', username: 'username', ip: 'ip' }
const TELLING: readonly Way[] = ['id', 'email', 'username']

/**
 * Which rows of users, as `u`, are the person's: those with the name, and those that say nothing in its place and have another
 * of the names, as events do before somebody has logged in. An address alone tells nobody apart.
 */
export function isNamed({ projectId, name, by, names }: Person): SQL {
  const given = sql`u.${sql.identifier(COLUMNS[by])}`
  const isIn = (way: Way) => {
    return sql`u.${sql.identifier(COLUMNS[way])} IN (SELECT json_array_elements_text(${JSON.stringify(names[way])}::json))`
  }
  const others = TELLING.filter((way) => way !== by).map(isIn)
  return sql`u.project_id = ${projectId}::bigint
    AND (${given} = ${name} OR (${given} IS NULL AND (${sql.join(others, sql` OR `)})))`
}

/**
 * Who a project's events call by this name: as an id, an email, a user name or an address, the first of them that somebody
 * has, or the one given. What stands beside it names the person too, as long as it never stands beside another of its kind: two
 * people behind one address stay two. Of a name no event has, only its shape is known.
 */
export async function findPerson(
  db: Db | Tx,
  { projectId, name, by }: { projectId: ProjectId; name: string; by: Way | null },
): Promise<{ person: Person; isKnown: boolean }> {
  for (const way of by === null ? WAYS : [by]) {
    const person = await readPerson(db, { projectId, name, by: way })
    if (person !== null) return { person, isKnown: true }
  }
  const way = by ?? shapeOf(name)
  return { person: { projectId, name, by: way, names: { ...NOBODY, [way]: [name] } }, isKnown: false }
}

const NOBODY: Person['names'] = { id: [], email: [], username: [], ip: [] }

function shapeOf(name: string): Way {
  if (isIP(name) !== 0) return 'ip'
  return name.includes('@') ? 'email' : 'id'
}

async function readPerson(
  db: Db | Tx,
  { projectId, name, by }: Pick<Person, 'projectId' | 'name' | 'by'>,
): Promise<Person | null> {
  const given = sql.identifier(COLUMNS[by])
  const rows = await db.execute<{ way: Way; value: string }>(sql`
    WITH mine AS MATERIALIZED (SELECT * FROM dim_user WHERE project_id = ${projectId}::bigint AND ${given} = ${name}),
    beside AS (
      SELECT 'id' AS way, user_id AS value FROM mine WHERE user_id IS NOT NULL
      UNION SELECT 'email', email FROM mine WHERE email IS NOT NULL
      UNION SELECT 'username', username FROM mine WHERE username IS NOT NULL
    )
    SELECT way, value FROM beside
    WHERE NOT EXISTS (
      SELECT FROM dim_user AS other
      WHERE other.project_id = ${projectId}::bigint AND other.${given} <> ${name}
        AND CASE way WHEN 'id' THEN other.user_id WHEN 'email' THEN other.email ELSE other.username END = value
    )
    ORDER BY way, value`)
  const ofWay = (way: Way) => rows.filter((row) => row.way === way).map(({ value }) => value)
  const names = { id: ofWay('id'), email: ofWay('email'), username: ofWay('username'), ip: by === 'ip' ? [name] : [] }
  const person = { projectId, name, by, names }
  const addresses = await readAddresses(db, person)
  if (addresses === null) return null
  return { ...person, names: { ...names, ip: [...new Set([...names.ip, ...addresses])] } }
}

/** The addresses nobody else has; null: no row is the person's. */
async function readAddresses(db: Db | Tx, person: Person): Promise<readonly string[] | null> {
  const rows = await db.execute<{ ip: string | null; is_shared: boolean }>(sql`
    WITH mine AS MATERIALIZED (SELECT u.id, u.ip FROM dim_user AS u WHERE ${isNamed(person)})
    SELECT DISTINCT ip, EXISTS (
      SELECT FROM dim_user AS other
      WHERE other.project_id = ${person.projectId}::bigint AND other.ip = mine.ip AND other.id NOT IN (SELECT id FROM mine)
    ) AS is_shared
    FROM mine
    ORDER BY ip`)
  if (rows.length === 0) return null
  return rows.flatMap(({ ip, is_shared }) => (ip === null || is_shared ? [] : [ip]))
}
