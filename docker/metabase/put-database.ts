import { type Metabase, MetabaseError } from './metabase-client.ts'
import { idOf, pageOf } from './read-json.ts'
import type { Target } from './read-target.ts'

const DATABASE_NAME = 'Rumen'

/**
 * Makes or updates the connection and has Metabase read what views there are; gives its id. The password is sent each time:
 * Metabase never shows the one it has. Rejects when Metabase cannot reach the database.
 */
export async function putDatabase(
  metabase: Metabase,
  { database }: Target,
  say: (line: string) => void,
): Promise<number> {
  const details = {
    host: database.host,
    port: database.port,
    dbname: database.name,
    user: database.user,
    password: database.password,
    ssl: database.ssl,
    'schema-filters-type': 'inclusion',
    'schema-filters-patterns': 'analytics',
    'tunnel-enabled': false,
    // Reading every distinct value of every column, as Metabase does by night, would read every report.
    'let-user-control-scheduling': true,
  }
  const found = await findDatabase(metabase)
  try {
    const id =
      found ??
      idOf(
        await metabase.post('/api/database', {
          name: DATABASE_NAME,
          engine: 'postgres',
          details,
          is_full_sync: false,
          is_on_demand: false,
        }),
        'the new database',
      )
    if (found !== null) await metabase.put(`/api/database/${id}`, { name: DATABASE_NAME, engine: 'postgres', details })
    await metabase.post(`/api/database/${id}/sync_schema`, {})
    say(`database: ${found === null ? 'added' : 'updated'}`)
    return id
  } catch (error) {
    if (!(error instanceof MetabaseError) || (error.status !== 400 && error.status !== 422)) throw error
    const { user, host, port, name } = database
    throw new Error(`Metabase cannot open the database as ${user} at ${host}:${port}/${name}: ${error.reason}`)
  }
}

async function findDatabase(metabase: Metabase): Promise<number | null> {
  const databases = pageOf(await metabase.get('/api/database'), "Metabase's list of databases")
  const [found] = databases.filter(({ name }) => name === DATABASE_NAME)
  if (!found) return null
  if (found.engine !== 'postgres') {
    throw new Error(`Metabase has a database ${DATABASE_NAME} already that is no PostgreSQL: rename it there first`)
  }
  return idOf(found, 'a database')
}
