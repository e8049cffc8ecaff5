import { type AddressInfo, createServer, connect as dial } from 'node:net'
import { type Connection, connect } from '@rumen/db/connect'
import { parseProjectId } from '@rumen/protocol/project-id'
import { createLogger } from '@rumen/telemetry/logger'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type OwnDatabase, ownDatabase } from '../../fixtures/own-database.ts'
import { createDoorLedger, type DoorCount, type DoorLedger } from './door-ledger.ts'

const NEVER_MS = 2 ** 31 - 1
const ONE = parseProjectId('1')
const ARCHIVED = { projectId: ONE, outcome: 'archived', reason: '' } as const satisfies DoorCount

let database: OwnDatabase
let connection: Connection
const opened: Connection[] = []
const ledgers: DoorLedger[] = []

beforeAll(async () => {
  database = await ownDatabase()
  connection = connect(database.url, { poolSize: 3, name: 'test' })
  // What is counted for a project nobody has counts under 0.
  await connection.sql`
    WITH made AS (
      INSERT INTO project (id, slug, name) OVERRIDING SYSTEM VALUE SELECT n, 'p' || n, 'P' FROM generate_series(1, 5000) AS n
      RETURNING id
    ),
    counted AS (INSERT INTO project_counter (project_id) SELECT id FROM made)
    INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM made`
})

afterEach(async () => {
  await Promise.all(ledgers.splice(0).map((ledger) => ledger.stop()))
  await Promise.all(opened.splice(0).map(({ close }) => close()))
  await connection.sql`TRUNCATE outcome_hour`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

function makeLedger(options: Partial<Parameters<typeof createDoorLedger>[0]> = {}): DoorLedger {
  const logger = createLogger({ role: 'test', level: 'silent' })
  const ledger = createDoorLedger({ db: connection.db, logger, flushIntervalMs: NEVER_MS, ...options })
  ledgers.push(ledger)
  return ledger
}

interface Line {
  project: number
  outcome: string
  reason: string
  quantity: number
}

async function lines(): Promise<readonly Line[]> {
  return await connection.sql<Line[]>`
    SELECT project_id::int AS project, outcome, reason, sum(quantity)::int AS quantity
    FROM outcome_hour GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`
}

async function sum(): Promise<number> {
  return (await lines()).reduce((total, { quantity }) => total + quantity, 0)
}

test('what was counted stands in the table after a flush, by project, outcome and reason', async () => {
  const ledger = makeLedger()
  ledger.count(ARCHIVED)
  ledger.count(ARCHIVED, 2)
  ledger.count({ projectId: ONE, outcome: 'rate_limited', reason: 'quota_hour' })
  ledger.count({ projectId: null, outcome: 'unauthorized', reason: 'unknown_key' }, 5)
  expect(await lines(), 'nothing before').toEqual([])
  await ledger.flush()
  const expected = [
    { project: 0, outcome: 'unauthorized', reason: 'unknown_key', quantity: 5 },
    { project: 1, outcome: 'archived', reason: '', quantity: 3 },
    { project: 1, outcome: 'rate_limited', reason: 'quota_hour', quantity: 1 },
  ]
  expect(await lines()).toEqual(expected)
  await ledger.flush()
  expect(await lines(), 'a flush with nothing new adds nothing').toEqual(expected)
})

test('a request is counted in the hour it came in, drained ones included', async () => {
  const ledger = makeLedger({ now: () => Date.parse('2026-11-21T12:34:56Z') })
  ledger.count(ARCHIVED)
  ledger.count({ ...ARCHIVED, reason: 'spool', receivedAtMs: Date.parse('2026-11-20T23:59:59.999Z') })
  await ledger.flush()
  const hours = await connection.sql`
    SELECT hour AT TIME ZONE 'UTC' AS hour, reason, item_type FROM outcome_hour ORDER BY hour`
  expect(hours).toEqual([
    { hour: '2026-11-20 23:00:00', reason: 'spool', item_type: 'request' },
    { hour: '2026-11-21 12:00:00', reason: '', item_type: 'request' },
  ])
})

test('it is flushed by itself', async () => {
  const ledger = makeLedger({ flushIntervalMs: 10 })
  ledger.count(ARCHIVED)
  await vi.waitFor(async () => expect(await sum()).toBe(1), { timeout: 5_000 })
})

test('gateways that count the same at the same time lose nothing and never wait for each other for good', async () => {
  const [gateways, rounds, projects] = [4, 8, 1_000]
  const logger = createLogger({ role: 'test', level: 'silent' })
  const warned = vi.spyOn(logger, 'warn')
  const ones = Array.from({ length: gateways }, () => {
    const own = connect(database.url, { poolSize: 1, name: 'test' })
    opened.push(own)
    return makeLedger({ db: own.db, logger })
  })
  await Promise.all(
    ones.map(async (ledger, which) => {
      for (let round = 0; round < rounds; round++) {
        // Each in an order of its own: the statement has to sort.
        for (let n = 0; n < projects; n++) {
          const project = which % 2 === 0 ? n : projects - 1 - n
          ledger.count({ projectId: parseProjectId(String(project + 1)), outcome: 'archived', reason: '' })
        }
        await ledger.flush()
      }
    }),
  )
  expect(warned, 'a deadlock ends with an error for one of them').not.toHaveBeenCalled()
  const counted = await lines()
  expect(counted).toHaveLength(projects)
  expect(new Set(counted.map(({ quantity }) => quantity))).toEqual(new Set([gateways * rounds]))
})

test('what the database does not take is kept, and written once when it does', async () => {
  const ledger = makeLedger()
  ledger.count(ARCHIVED)
  await connection.sql`ALTER TABLE outcome_hour RENAME TO outcome_hour_away`
  await ledger.flush()
  ledger.count(ARCHIVED)
  await ledger.flush()
  await connection.sql`ALTER TABLE outcome_hour_away RENAME TO outcome_hour`
  await ledger.flush()
  await ledger.flush()
  expect(await lines()).toEqual([{ project: 1, outcome: 'archived', reason: '', quantity: 2 }])
})

test('a database that is away costs no count', async () => {
  const gone = connect('postgres://127.0.0.1:1/gone', { poolSize: 1, name: 'test' })
  opened.push(gone)
  let away = true
  const ledger = makeLedger({
    db: new Proxy(connection.db, { get: (db, key) => Reflect.get(away ? gone.db : db, key) }),
  })
  ledger.count(ARCHIVED)
  await ledger.flush()
  ledger.count(ARCHIVED)
  away = false
  await ledger.flush()
  expect(await sum()).toBe(2)
})

test.for([
  ['was', true],
  ['was not', false],
] as const)('counts whose COMMIT nobody answered stand there once: it %s done', async ([, reachesServer]) => {
  const proxy = await loseOneCommit(database.url, reachesServer)
  const through = connect(proxy.url, { poolSize: 1, name: 'test' })
  opened.push(through)
  const ledger = makeLedger({ db: through.db })
  ledger.count(ARCHIVED, 7)
  await ledger.flush()
  expect(proxy.commitsLost(), 'the COMMIT was lost').toBe(1)
  ledger.count(ARCHIVED)
  await vi.waitFor(
    async () => {
      await ledger.flush()
      expect(await sum()).toBe(8)
    },
    { timeout: 10_000 },
  )
  await ledger.flush()
  expect(await sum()).toBe(8)
  await through.close()
  await proxy.close()
})

test('memory is bounded: past the bound projects are counted together, and none is lost', async () => {
  const ledger = makeLedger({ countsMax: 3 })
  for (let n = 1; n <= 10; n++) {
    ledger.count({ projectId: parseProjectId(String(n)), outcome: 'archived', reason: '' }, n)
  }
  await ledger.flush()
  expect((await lines()).map(({ project, quantity }) => [project, quantity])).toEqual([
    [0, 4 + 5 + 6 + 7 + 8 + 9 + 10],
    [1, 1],
    [2, 2],
    [3, 3],
  ])
})

test('stopping writes what is left', async () => {
  const ledger = makeLedger()
  ledger.count(ARCHIVED)
  await ledger.stop()
  expect(await sum()).toBe(1)
})

test('stopping does not wait for a database that does not answer', async () => {
  const ledger = makeLedger()
  ledger.count(ARCHIVED)
  const holder = await connection.sql.reserve()
  await holder`BEGIN`
  await holder`LOCK TABLE outcome_hour`
  const begin = performance.now()
  await ledger.stop()
  expect(performance.now() - begin).toBeLessThan(4_000)
  await holder`ROLLBACK`
  holder.release()
  await vi.waitFor(async () => expect(await sum()).toBe(1))
})

/** A way to the database on which the first COMMIT goes unanswered: its connection breaks before or behind the server. */
async function loseOneCommit(url: string, reachesServer: boolean) {
  const { hostname, port } = new URL(url)
  let lost = 0
  const server = createServer((client) => {
    const upstream = dial(Number(port), hostname)
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    let isLosing = false
    client.on('data', (bytes) => {
      if (lost === 0 && bytes.toString('latin1').toLowerCase().includes('commit')) {
        lost++
        isLosing = true
        if (!reachesServer) return cut()
      }
      upstream.write(bytes)
    })
    upstream.on('data', (bytes) => (isLosing ? cut() : client.write(bytes)))
    for (const socket of [client, upstream]) socket.on('close', cut).on('error', cut)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxied = new URL(url)
  // A server that listens on TCP has an address of this kind.
  proxied.port = String((server.address() as AddressInfo).port)
  return {
    url: proxied.href,
    commitsLost: () => lost,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
