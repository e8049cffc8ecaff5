import { once } from 'node:events'
import { connect as connectTo, createServer, type Server, type Socket } from 'node:net'
import { type Connection, connect } from '@rumen/db/connect'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { Sql, TransactionSql } from 'postgres'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

let database: DatabaseClone
let other: Connection
let pool: Connection

beforeAll(async () => {
  database = await testDatabase()
  other = connect(database.url, { poolSize: 1, name: 'test' })
})

beforeEach(async () => {
  await other.sql`TRUNCATE digest_error`
  // One connection: whatever replaces it is what the next query gets.
  pool = connect(database.url, { poolSize: 1, name: 'pool' })
})

afterEach(() => pool.sql.end({ timeout: 1 }))

afterAll(async () => {
  await other.close()
  await database.drop()
})

async function write(sql: Sql | TransactionSql, message: string): Promise<void> {
  await sql`
    INSERT INTO digest_error (project_id, day, archive_hash, code, message) VALUES (1, now(), '', 'test', ${message})`
}

async function written(): Promise<string[]> {
  const rows = await other.sql<{ message: string }[]>`SELECT message FROM digest_error ORDER BY id`
  return rows.map(({ message }) => message)
}

/**
 * Begins a transaction, has its connection ended by the server, and lets it write `message` afterwards: after another
 * query got the connection that replaces it, or before. Gives what became of that write.
 */
async function writeTooLate(message: string, { isReplaced }: { isReplaced: boolean }): Promise<string> {
  const lost = Promise.withResolvers<void>()
  // The transaction is given up as soon as its connection is; what began inside it goes on for a while.
  const late = Promise.withResolvers<string>()
  const writing = pool.sql.begin(async (tx) => {
    await write(tx, 'in time')
    const [session] = await tx<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`
    const next = isReplaced ? pool.sql`SELECT` : null
    await other.sql`SELECT pg_terminate_backend(${session.pid})`
    await lost.promise
    await next
    await write(tx, message).then(
      () => late.resolve('written'),
      () => late.resolve('refused'),
    )
  })
  await expect(writing).rejects.toThrow()
  lost.resolve()
  return await late.promise
}

// Statements of more than a kilobyte take another way through the driver.
test.for([
  { size: 'small', message: 'late', isReplaced: false },
  { size: 'large', message: 'late'.repeat(1000), isReplaced: false },
  { size: 'small', message: 'late', isReplaced: true },
  { size: 'large', message: 'late'.repeat(1000), isReplaced: true },
])(
  'a transaction that lost its connection writes nothing more ($size, replaced: $isReplaced)',
  { timeout: 10_000 },
  async (lateWrite) => {
    expect(await writeTooLate(lateWrite.message, lateWrite)).toBe('refused')
    expect(await written()).toEqual([])
    // And the pool is as good as before.
    await pool.sql.begin((tx) => write(tx, 'afterwards'))
    expect(await written()).toEqual(['afterwards'])
  },
)

/** PostgreSQL's last words to a session it ends. (PostgreSQL manual, message formats: ErrorResponse) */
function fatal(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0')
  const message = Buffer.alloc(5 + fields.length, 'E')
  message.writeInt32BE(4 + fields.length, 1)
  fields.copy(message, 5)
  return message
}

/** Passes everything on to the database, but ends the first session when its client says `words`. */
async function cutterAt(words: string): Promise<{ server: Server; url: string; cuts: () => number }> {
  const target = new URL(database.url)
  let cuts = 0
  const server = createServer((client: Socket) => {
    const upstream = connectTo(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.on('close', () => upstream.destroy())
    client.on('data', (bytes) => {
      if (cuts > 0 || !bytes.includes(words)) return upstream.write(bytes)
      cuts++
      upstream.destroy()
      return client.end(fatal())
    })
    upstream.pipe(client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(database.url)
  if (typeof address === 'object' && address) url.port = `${address.port}`
  return { server, url: url.href, cuts: () => cuts }
}

test('a connection that is cut while the driver sets it up harms nobody but the query that waits for it', async () => {
  // What the driver asks by itself: no caller is there to catch its failure, and the run fails when nobody does.
  const { server, url, cuts } = await cutterAt('pg_catalog.pg_type')
  const cut = connect(url, { poolSize: 1, name: 'cut' })
  await Promise.allSettled([cut.sql`SELECT 1`])
  expect(cuts()).toBe(1)
  expect(await cut.sql`SELECT 1 AS one`).toEqual([{ one: 1 }])
  await cut.close()
  server.close()
})
