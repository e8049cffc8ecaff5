import { connect } from '@rumen/db/connect'
import { testDatabase } from '@rumen/embedded/test-database'
import { expect, test } from 'vitest'

test('no table calls projects unique, however few rows each had when it was analysed: the index of a key is taken for a key', async () => {
  const database = await testDatabase()
  const { sql, close } = connect(database.url, { poolSize: 1, name: 'test' })
  // Days are tables of their own, made and filled at once.
  const tables = await sql<{ name: string; options: string | null }[]>`
    SELECT indrelid::regclass::text AS name, attoptions::text AS options
    FROM pg_index
    JOIN pg_class ON pg_class.oid = indrelid
    JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relispartition AND attname = 'project_id'
    GROUP BY 1, 2
    HAVING count(*) > 1`
  expect(tables.length).toBeGreaterThan(10)
  expect(tables.filter(({ options }) => options !== '{n_distinct=100}')).toEqual([])
  await sql`INSERT INTO tag (project_id, key, tag_key, tag_value) VALUES (7, gen_random_uuid(), 'plan', 'pro')`
  await sql`ANALYZE tag`
  const [seen] = await sql`SELECT n_distinct FROM pg_stats WHERE tablename = 'tag' AND attname = 'project_id'`
  expect(seen).toEqual({ n_distinct: 100 })
  await close()
  await database.drop()
})
