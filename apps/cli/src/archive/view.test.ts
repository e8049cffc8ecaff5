import { gzipSync } from 'node:zlib'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { createProject } from '@rumen/db/project/create-project'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type ArchiveStage, makeRow, openArchiveStage, say } from '../../fixtures/archive-stage.ts'
import { viewArchiveCommand } from './view.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stage: ArchiveStage
let envelope: ArchiveRow

const LONG = 'x'.repeat(100_000)

beforeAll(async () => {
  stage = await openArchiveStage()
  const body = Buffer.concat([
    Buffer.from('{"sent_at":"now"}\n{"type":"event"}\n{"message":"boom\\u001b[31m \u202e","extra":{"a":[1]}}\n'),
    Buffer.from('{"type":"attachment","length":3,"filename":"\\u001b]0;x"}\n'),
    Buffer.from([0, 1, 2]),
    Buffer.from(`\n{"type":"log"}\n${LONG}`),
  ])
  envelope = makeRow(stage.project.id, { body: gzipSync(body), userAgent: 'agent', sentryClient: 'sdk/1' })
  await stage.store([envelope])
})

afterAll(() => stage.remove())

async function view(...words: string[]) {
  return await say(viewArchiveCommand, words, stage.settings)
}

const hashOf = ({ hash }: ArchiveRow) => hash.toString('hex')

test('an archive is its request and its items, readable, bounded, and nothing a terminal would obey', async () => {
  const { output, failure } = await view(hashOf(envelope).slice(0, 12).toUpperCase())
  expect(failure).toBeNull()
  const lines = output.split('\n')
  expect(lines).toEqual(
    expect.arrayContaining([
      `project\t${stage.project.id}`,
      `hash\t${hashOf(envelope)}`,
      'user agent\tagent',
      'sdk\tsdk/1',
      'envelope\t{"sent_at":"now"}',
      'item 0\tevent\t50 bytes\t{"type":"event"}'.replace(
        '50',
        `${Buffer.byteLength('{"message":"boom\\u001b[31m \u202e","extra":{"a":[1]}}')}`,
      ),
      '    "extra": {',
      '  (not text)',
      'item 2\tlog\t100000 bytes\t{"type":"log"}',
      '  … (--raw prints all of it)',
    ]),
  )
  expect(output.length).toBeLessThan(80_000)
  expect(/[^\P{Cc}\n\t]|\p{Cf}/u.test(output)).toBe(false)
})

test('as JSON it has the texts as they are', async () => {
  const viewed = JSON.parse((await view(hashOf(envelope), '--json')).output)
  expect(viewed).toMatchObject({
    endpoint: 'envelope',
    header: '{"sent_at":"now"}',
    fault: null,
    wireBytes: envelope.wireBytes,
  })
  expect(
    viewed.items.map((item: { text: string | null; isCut: boolean; bytes: number }) => [
      item.text?.length,
      item.isCut,
      item.bytes,
    ]),
  ).toEqual([
    [48, false, 50],
    [undefined, false, 3],
    [65_536, true, 100_000],
  ])
})

test('an event by itself, and what is no envelope, are shown too', async () => {
  const event = makeRow(stage.project.id, { endpoint: 'store', body: gzipSync('{"message":"alone"}') })
  const base64 = makeRow(stage.project.id, {
    endpoint: 'store',
    body: gzipSync(Buffer.from('{"message":"raven"}').toString('base64')),
  })
  const strange = makeRow(stage.project.id, { body: gzipSync('hello') })
  await stage.store([event, base64, strange])
  expect((await view(hashOf(event))).output).toContain('  "message": "alone"')
  expect((await view(hashOf(base64))).output).toContain('  "message": "raven"')
  const { output } = await view(hashOf(strange))
  expect(output).toContain('fault\tinvalid event envelope')
  expect(output).toContain('  hello')
})

test('what cannot be shown is one sentence', async () => {
  const erased = makeRow(stage.project.id)
  const broken = makeRow(stage.project.id, { body: Buffer.from('no gzip') })
  await stage.store([erased, broken])
  await stage.sql`UPDATE archive SET body = NULL, erased_at = '2026-01-31T10:00:00Z' WHERE hash = ${erased.hash}`
  const other = await createProject(stage.db, { name: 'Other' })
  await stage.store([{ ...envelope, projectId: other.id }])
  expect((await view(hashOf(erased))).failure).toBe('its body was erased 2026-01-31T10:00:00Z')
  expect((await view(hashOf(broken))).failure).toMatch(/^its body cannot be decoded/)
  expect((await view('ab'.repeat(20))).failure).toBe(`there is no archive ${'ab'.repeat(20)}`)
  expect((await view('shop-1')).failure).toMatch(/^HASH is 8 hexadecimal characters/)
  expect((await view(hashOf(envelope))).failure).toMatch(/^which archive/)
  expect((await view(hashOf(envelope), '--project', other.id)).failure).toBeNull()
  expect((await view(hashOf(envelope), '--raw', '--json')).failure).toBe('--raw and --json are two things')
})
