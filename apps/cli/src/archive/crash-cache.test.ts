import { hash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type ArchiveStage, openArchiveStage, say } from '../../fixtures/archive-stage.ts'
import { importArchivesCommand } from './import.ts'

// The lines are those of crash-cache's own `archive export`, member by member.

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

const EVENT_ID = '0123456789abcdef0123456789abcdef'
const YESTERDAY = new Date(Date.now() - 24 * 60 * 60 * 1000).toISOString().slice(0, 19)

let stage: ArchiveStage

beforeAll(async () => {
  stage = await openArchiveStage()
})

afterEach(() => stage.sql`TRUNCATE archive`)

afterAll(() => stage.remove())

function lineOf(payload: string | Buffer, given: object = {}): string {
  const compressed = typeof payload === 'string' ? gzipSync(payload, { level: 1 }) : payload
  return `${JSON.stringify({
    hash: hash('sha256', compressed),
    project_id: 3,
    compressed_payload: compressed.toString('base64'),
    original_size: null,
    created_at: YESTERDAY,
    ...given,
  })}\n`
}

async function importLines(lines: readonly string[], ...words: string[]) {
  const file = `${stage.folder}/crash-cache.jsonl`
  await writeFile(file, lines.join(''))
  return await say(importArchivesCommand, ['-i', file, ...words], stage.settings)
}

async function kept() {
  return await stage.sql`
    SELECT endpoint, content_type, encoding, replace(event_id::text, '-', '') AS event, wire_bytes, encode(hash, 'hex') AS hash,
      to_char(received_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') AS at
    FROM archive ORDER BY received_at, endpoint`
}

test('an event and an envelope are what the endpoints would have kept of them', async () => {
  const event = JSON.stringify({ event_id: EVENT_ID, message: 'boom' })
  const envelope = `{"event_id":"${EVENT_ID}"}\n{"length":${event.length},"type":"event"}\n${event}`
  const said = await importLines([lineOf(event), lineOf(envelope)], '--map', `3=${stage.project.id}`)
  expect(said).toMatchObject({ failure: null, output: '2 read: 2 imported, 0 were here already.' })
  const both = { encoding: 'gzip', event: EVENT_ID, at: `${YESTERDAY}.000000` }
  expect(await kept()).toMatchObject([
    { ...both, endpoint: 'envelope', content_type: 'application/x-sentry-envelope' },
    { ...both, endpoint: 'store', content_type: 'application/json' },
  ])
  const jobs = await stage.sql`SELECT data->>'project_id' AS project FROM pgboss.job`
  expect(jobs).toEqual([{ project: stage.project.id }, { project: stage.project.id }])
})

test('an event without an id gets one of its hash, and what came plain its size', async () => {
  const line = lineOf('{"message":"boom"}', { original_size: 4711 })
  expect(await importLines([line], '--project', stage.project.id)).toMatchObject({ failure: null })
  const [row] = await kept()
  expect(row).toMatchObject({ endpoint: 'store', wire_bytes: 4711 })
  // Shaped like a random UUID, of the first bytes of the hash.
  expect(row?.event.slice(0, 12)).toBe(row?.hash.slice(0, 12))
})

test.for([
  [`${YESTERDAY}.25`, `${YESTERDAY}.250000`],
  [YESTERDAY.replace('T', ' '), `${YESTERDAY}.000000`],
  [`${YESTERDAY.replace('T', ' ')}.123456`, `${YESTERDAY}.123456`],
  [`${YESTERDAY}Z`, `${YESTERDAY}.000000`],
  [`${YESTERDAY}.123456789+00:00`, `${YESTERDAY}.123456`],
  [`${new Date(Date.parse(`${YESTERDAY}Z`) + 90 * 60_000).toISOString().slice(0, 19)}+01:30`, `${YESTERDAY}.000000`],
] as const)('it was received at %s', async ([written, at]) => {
  await importLines([lineOf('{"message":"boom"}', { created_at: written })], '--project', stage.project.id)
  expect(await kept()).toMatchObject([{ at }])
})

test('what is wrong with a line is told, and costs itself only', async () => {
  const lines = [
    lineOf('{"message":"good"}'),
    lineOf('{"message":"hash"}', { hash: 'ab'.repeat(32) }),
    lineOf('{"message":"base64"}', { compressed_payload: 'a*b' }),
    lineOf(Buffer.from('no gzip')),
    lineOf('neither an event nor an envelope'),
    lineOf('{"message":"time"}', { created_at: 'yesterday' }),
    lineOf('{"message":"project"}', { project_id: -1 }),
    lineOf('{"message":"good, too"}'),
  ]
  const { errors, output, failure } = await importLines(lines, '--project', stage.project.id)
  expect(errors.map((error) => error.replace(/^rumen: line (\d): (.{20}).*/, '$1 $2'))).toEqual([
    '2 the body’s SHA-256 i',
    '3 the body is not base',
    '4 the payload cannot b',
    '5 the payload cannot b',
    '6 the time of receipt ',
    '7 project_id is no pro',
  ])
  expect([output, failure]).toEqual([
    '8 read: 2 imported, 0 were here already.',
    '6 faults: see above; everything else is imported',
  ])
})

test('its projects are never taken for those of the same number here', async () => {
  const said = await importLines([lineOf('{"message":"boom"}', { project_id: Number(stage.project.id) })])
  expect(said.failure).toBe(
    `project ${stage.project.id} is one of crash-cache's: say which it is here: --map ${stage.project.id}=ID, or --project ID for all`,
  )
  expect(await kept()).toEqual([])
})
