import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { randomPublicKey } from '@rumen/db/project/create-project'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { formatDsn } from '@rumen/protocol/dsn'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CAPTURED_AT_MS } from '../fixtures/move-times.ts'
import { type Fixture, readFixtures, TABLE_NAMES, type TableName } from '../fixtures/read-fixtures.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

// What SDKs of every family really send, in every encoding, through the real processes: each fixture is compared with the
// report a reader of its payload expects.

const FIXTURES = readFixtures()

const ENCODINGS = {
  plain: (body: Buffer) => body,
  gzip: (body: Buffer) => gzipSync(body),
  deflate: (body: Buffer) => deflateSync(body),
  br: (body: Buffer) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: (body: Buffer) => zstdCompressSync(body),
} as const
const NAMES = ['plain', 'gzip', 'deflate', 'br', 'zstd'] as const satisfies readonly (keyof typeof ENCODINGS)[]

const CAPTURED_FOR = 'http://0123456789abcdef0123456789abcdef@rumen.example/1'
const MINUTE_MS = 60_000
const CLIENTS = 16

/** All of a minute: no fixture has its sessions in two hours. */
const delayMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - CAPTURED_AT_MS

type Row = Readonly<Record<string, unknown>>
interface Project {
  id: ProjectId
  publicKey: PublicKey
}
interface Sending {
  fixture: Fixture
  encoding: keyof typeof ENCODINGS
}
type Found = Record<TableName, Row[]> & { outcomes: Record<string, number> }

let stack: Stack
/** By project: one for each fixture in each encoding, so that whatever is found there came of it. */
let found: ReadonlyMap<string, Found>
let projects: ReadonlyMap<string, Project>

beforeAll(async () => {
  stack = await startStack()
  const sendings = FIXTURES.flatMap((fixture) => NAMES.map((encoding) => ({ fixture, encoding })))
  projects = await addProjects(sendings.map(addressOf))
  const waiting = sendings.values()
  const client = async () => {
    for (const sending of waiting) await send(sending)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
  await waitFor('the digest of the corpus', queueIsEmpty, 60_000)
  found = await readAll()
}, 120_000)

afterAll(() => stack?.stop())

describe('every report is as it must be, in every encoding:', () => {
  test.each(FIXTURES)('$name', (fixture) => {
    const { about, outcomes, ...tables } = fixture.expected(delayMs)
    for (const encoding of NAMES) {
      const rows = found.get(projectOf({ fixture, encoding }).id) ?? nothing()
      for (const table of TABLE_NAMES) {
        expect(rows[table], `${table} of ${encoding}: ${about}`).toMatchObject(tables[table] ?? [])
      }
      expect(rows.outcomes, `the ledger of ${encoding}: ${about}`).toEqual(outcomes)
    }
  })
})

function addressOf({ fixture, encoding }: Sending): string {
  return `${fixture.name} ${encoding}`
}

function projectOf(sending: Sending): Project {
  const project = projects.get(addressOf(sending))
  if (!project) throw new Error(`there is no project for ${addressOf(sending)}`)
  return project
}

/** All at once: one by one they take longer than everything else. */
async function addProjects(addresses: readonly string[]): Promise<ReadonlyMap<string, Project>> {
  const given = addresses.map((name, at) => ({ name, slug: `corpus-${at}`, public_key: randomPublicKey() }))
  const rows = await stack.sql<{ id: ProjectId; name: string; public_key: PublicKey }[]>`
    WITH given AS (SELECT * FROM jsonb_to_recordset(${JSON.stringify(given)}::text::jsonb) AS given (name text, slug text, public_key text)),
      made AS (INSERT INTO project (name, slug) SELECT name, slug FROM given RETURNING id, slug),
      counted AS (INSERT INTO project_counter (project_id) SELECT id FROM made),
      grouped AS (INSERT INTO grouping_config (project_id, version) SELECT id, 1 FROM made),
      keyed AS (
        INSERT INTO project_key (project_id, public_key)
        SELECT made.id, given.public_key FROM made JOIN given USING (slug)
      )
    SELECT made.id, given.name, given.public_key FROM made JOIN given USING (slug)`
  return new Map(rows.map(({ id, name, public_key: publicKey }) => [name, { id, publicKey }]))
}

async function send(sending: Sending): Promise<void> {
  const project = projectOf(sending)
  const encode = ENCODINGS[sending.encoding]
  const coding = sending.encoding === 'plain' ? {} : { 'content-encoding': sending.encoding }
  for (const { path, query, headers, body } of sending.fixture.requests) {
    const url = new URL(`/api/${project.id}/${path}`, stack.gatewayUrl)
    url.search = address(String(new URLSearchParams({ sentry_key: project.publicKey, ...query })), project)
    const bytes = encode(Buffer.from(address(body(delayMs).toString('latin1'), project), 'latin1'))
    const response = await fetch(url, {
      method: 'POST',
      body: new Uint8Array(bytes),
      headers: { ...headers, ...coding },
    })
    const answer = await response.text()
    if (!response.ok) throw new Error(`${addressOf(sending)} was answered ${response.status}: ${answer}`)
  }
}

/** Some SDKs name the project where they do not have to. */
function address(text: string, { id, publicKey }: Project): string {
  const dsn = formatDsn({ publicUrl: stack.gatewayUrl, publicKey, projectId: id })
  return text.replace(CAPTURED_FOR, dsn).replace(encodeURIComponent(CAPTURED_FOR), encodeURIComponent(dsn))
}

async function queueIsEmpty(): Promise<boolean> {
  const [row] = await stack.sql`SELECT count(*)::int AS jobs FROM pgboss.job WHERE name LIKE 'digest%'`
  return row?.jobs === 0
}

function nothing(): Found {
  const tables = Object.fromEntries(TABLE_NAMES.map((name) => [name, [] as Row[]])) as Record<TableName, Row[]>
  return { ...tables, outcomes: {} }
}

/** All tables of all projects, a query each; rows as JSON has them. */
async function readAll(): Promise<ReadonlyMap<string, Found>> {
  const byProject = new Map([...projects.values()].map(({ id }) => [String(id), nothing()]))
  for (const table of TABLE_NAMES) {
    for (const row of await QUERIES[table]()) {
      byProject.get(String(row.project_id))?.[table].push(plain(row))
    }
  }
  for (const { project_id: id, ending, quantity } of await readOutcomes()) {
    const rows = byProject.get(String(id))
    if (rows) rows.outcomes[ending] = quantity
  }
  return byProject
}

/** Moments as JSON writes them. */
function plain(row: Row): Row {
  const moments = Object.entries(row).filter(([name, value]) => name.endsWith('_at') && value !== null)
  return {
    ...row,
    ...Object.fromEntries(moments.map(([name, value]) => [name, new Date(String(value)).toISOString()])),
  }
}

async function readOutcomes() {
  return await stack.sql<{ project_id: string; ending: string; quantity: number }[]>`
    SELECT project_id, concat_ws(' ', item_type, outcome, nullif(reason, '')) AS ending, sum(quantity)::int AS quantity
    FROM (
      SELECT project_id, item_type, outcome, reason, quantity FROM outcome
      UNION ALL
      SELECT project_id, item_type, outcome, reason, quantity FROM outcome_hour WHERE item_type <> 'request'
    ) AS ledger
    GROUP BY project_id, ending`
}

const QUERIES: Readonly<Record<TableName, () => PromiseLike<readonly Row[]>>> = {
  reports: () => stack.sql`
    SELECT *, occurred_at = received_at AS occurred_on_receipt,
      round(extract(epoch FROM received_at - occurred_at))::int AS seconds_ago
    FROM analytics.reports ORDER BY occurred_at, title, event_id`,
  transactions: () => stack.sql`
    SELECT item.project_id, replace(event_id::text, '-', '') AS event_id, dim_transaction.value AS transaction,
      dim_release.value AS release, dim_environment.value AS environment, op, status,
      replace(trace_id::text, '-', '') AS trace_id, started_at, duration_ms
    FROM transaction_event AS item
    LEFT JOIN dim_transaction ON dim_transaction.project_id = item.project_id AND dim_transaction.id = transaction_id
    LEFT JOIN dim_release ON dim_release.project_id = item.project_id AND dim_release.id = release_id
    LEFT JOIN dim_environment ON dim_environment.project_id = item.project_id AND dim_environment.id = environment_id
    ORDER BY started_at, event_id`,
  sessions: () => stack.sql`
    SELECT item.project_id, replace(sid::text, '-', '') AS sid, started_at, status, duration, abnormal_mechanism, errors,
      dim_release.value AS release, dim_environment.value AS environment, did IS NOT NULL AS has_user
    FROM session AS item
    LEFT JOIN dim_release ON dim_release.project_id = item.project_id AND dim_release.id = release_id
    LEFT JOIN dim_environment ON dim_environment.project_id = item.project_id AND dim_environment.id = environment_id
    ORDER BY started_at, sid`,
  session_hours: () => stack.sql`
    SELECT item.project_id, sessions::int, errored::int, unhandled::int, abnormal::int, crashed::int,
      dim_release.value AS release, dim_environment.value AS environment
    FROM session_hour AS item
    LEFT JOIN dim_release ON dim_release.project_id = item.project_id AND dim_release.id = release_id
    LEFT JOIN dim_environment ON dim_environment.project_id = item.project_id AND dim_environment.id = environment_id
    ORDER BY hour, release, environment`,
  attachments: readAttachments,
  feedback: () => stack.sql`
    SELECT project_id, replace(event_id::text, '-', '') AS event_id, name, email, message, url, source
    FROM feedback ORDER BY received_at, item_index`,
  check_ins: () => stack.sql`
    SELECT item.project_id, replace(check_in_id::text, '-', '') AS check_in_id, monitor_slug, status, duration,
      dim_release.value AS release, dim_environment.value AS environment
    FROM check_in AS item
    LEFT JOIN dim_release ON dim_release.project_id = item.project_id AND dim_release.id = release_id
    LEFT JOIN dim_environment ON dim_environment.project_id = item.project_id AND dim_environment.id = environment_id
    ORDER BY received_at, item_index`,
  discards: () => stack.sql`
    SELECT project_id, category, reason, quantity::int FROM client_discard_hour ORDER BY category, reason`,
}

/** With the bytes the archive has for them. */
async function readAttachments(): Promise<readonly Row[]> {
  const rows = await stack.sql`
    SELECT attachment.project_id, replace(attachment.event_id::text, '-', '') AS event_id, name, attachment_type,
      attachment.content_type, size::int, byte_offset::int, body, encoding
    FROM attachment JOIN archive USING (project_id, day) WHERE archive.hash = attachment.archive_hash
    ORDER BY attachment.received_at, item_index`
  return rows.map(({ body, encoding, byte_offset: offset, ...row }) => {
    const bytes = decode(body, parseContentEncoding(encoding), Number.MAX_SAFE_INTEGER)
    return { ...row, base64: bytes.subarray(offset, offset + row.size).toString('base64') }
  })
}
