import { gzipSync, zstdCompressSync } from 'node:zlib'
import { dayOf } from '@rumen/db/partition/day'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { type ArchiveStage, openArchiveStage } from '../../fixtures/archive-stage.ts'
import { fileOf, hashesOf, hexOf, importJson, jobsOf, lineOf, NONE, rowsOf } from '../../fixtures/import-file.ts'
import { checksumOf, endLine, headLine } from './line.ts'

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 })

let stage: ArchiveStage

beforeAll(async () => {
  stage = await openArchiveStage()
})

afterEach(async () => {
  await stage.sql`TRUNCATE archive`
  await stage.sql`DELETE FROM pgboss.job`
})

afterAll(() => stage.remove())

describe('a line that is damaged is told with its number, and costs itself only:', () => {
  const broken = (line: string, change: (members: Record<string, unknown>) => object) => {
    const members = change(JSON.parse(line))
    return `${JSON.stringify(members)}\n`
  }
  const without = ({ crc32: _, ...members }: Record<string, unknown>, given: object) => ({ ...members, ...given })

  test.for<readonly [what: string, damage: (line: string) => string | Buffer, reason: RegExp]>([
    [
      'a byte of its body',
      (line) => line.replace(/("body":"[^"]{20})(.)/, (_, a, b) => a + (b === 'A' ? 'B' : 'A')),
      /checksum does not fit/,
    ],
    [
      'a byte of its body, in an edited line',
      (line) => broken(line, (one) => without(one, { body: Buffer.from('other').toString('base64') })),
      /SHA-256 is not its hash/,
    ],
    [
      'a digit of its time',
      (line) =>
        line.replace(/("received_at":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.)(\d)/, (_, a, b) => a + (b === '0' ? '1' : '0')),
      /checksum does not fit/,
    ],
    [
      'no base64',
      (line) => broken(line, (one) => without(one, { body: `${one.body}`.replace(/^../, '*ü') })),
      /not base64/,
    ],
    [
      'another hash',
      (line) => broken(line, (one) => without(one, { hash: 'ab'.repeat(32) })),
      /SHA-256 is not its hash/,
    ],
    ['no hash', (line) => broken(line, (one) => without(one, { hash: 'AB' })), /no SHA-256/],
    ['cut off', (line) => `${line.slice(0, 200)}\n`, /no JSON object/],
    ['no JSON', () => 'hello\n', /no JSON object/],
    ['bytes', () => Buffer.from('fffe00800a', 'hex'), /no JSON object/],
    ['no object', () => '[1]\n', /no JSON object/],
    ['something else', () => '{"message":"hello"}\n', /neither an archive of Rumen nor one of crash-cache/],
    ['a later format', (line) => broken(line, (one) => without(one, { rumen_archive: 2 })), /format 2 is not known/],
    ['too long', (line) => `${' '.repeat(57_000_000)}${line}`, /longer than MAX_COMPRESSED_PAYLOAD_BYTES allows/],
    [
      'another day',
      (line) => broken(line, (one) => without(one, { day: '2026-01-01' })),
      /day is not that of received_at/,
    ],
    [
      'no time',
      (line) => broken(line, (one) => without(one, { received_at: '2026-02-31T00:00:00Z', day: '2026-02-31' })),
      /time of receipt is none/,
    ],
    ['the future', (line) => broken(line, (one) => without(one, futureOf())), /received in the future/],
    [
      'an encoding nobody knows',
      (line) => broken(line, (one) => without(one, { encoding: 'rot13' })),
      /does not decode/,
    ],
    [
      'an encoding it does not have',
      (line) => broken(line, (one) => without(one, { encoding: 'zstd' })),
      /does not decode/,
    ],
    [
      'a client that is none',
      (line) => broken(line, (one) => without(one, { client_ip: 'fe80::1%eth0' })),
      /client_ip/,
    ],
    ['an endpoint of tomorrow', (line) => broken(line, (one) => without(one, { endpoint: 'otlp' })), /endpoint/],
    ['no event', (line) => broken(line, (one) => without(one, { event_id: 'x' })), /event_id/],
    ['no text', (line) => broken(line, (one) => without(one, { user_agent: 5 })), /user_agent is no text/],
    ['no size', (line) => broken(line, (one) => without(one, { wire_bytes: -1 })), /wire_bytes/],
    ['no project', (line) => broken(line, (one) => without(one, { project_id: 'shop' })), /project_id/],
  ])('%s', async ([, damage, reason]) => {
    const [before, hurt, after] = rowsOf(stage, 3)
    if (!before || !hurt || !after) throw new Error('there are three')
    const damaged = damage(lineOf(stage, hurt))
    const file = Buffer.concat([
      ...[headLine([stage.project]), lineOf(stage, before)].map((text) => Buffer.from(text)),
      ...[Buffer.from(damaged), Buffer.from(lineOf(stage, after)), Buffer.from(endLine(3))],
    ])
    const { errors, failure, counts } = await importJson(stage, file)
    expect(counts).toEqual({ ...NONE, read: 3, imported: 2, faults: 1 })
    expect(errors).toEqual([expect.stringMatching(reason)])
    expect(errors[0]).toMatch(/^rumen: line 3: /)
    expect(failure).toMatch(/^1 faults/)
    expect(await hashesOf(stage, stage.project)).toEqual(hexOf([before, after]))
  })

  function futureOf() {
    const at = new Date(Date.now() + 3 * 24 * 60 * 60 * 1000)
    return { received_at: at.toISOString(), day: dayOf(at) }
  }

  test('an edited line without its checksum is a good one', async () => {
    const [row] = rowsOf(stage, 1)
    if (!row) throw new Error('there is one')
    const edited = broken(lineOf(stage, row), (one) => without(one, { user_agent: 'edited' }))
    expect(await importJson(stage, edited)).toMatchObject({ failure: null, counts: { imported: 1 } })
    const members = JSON.stringify({ ...JSON.parse(edited), wire_bytes: 7 }).slice(0, -1)
    const moved = `{"crc32":"${checksumOf(members)}",${members.slice(1)}}\n`
    expect((await importJson(stage, moved)).errors).toEqual([expect.stringContaining('checksum does not fit')])
  })

  test('one the database refuses', async () => {
    await stage.sql`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.user_agent = 'refused' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22000'; END IF;
        RETURN NEW;
      END $$`
    await stage.sql`CREATE TRIGGER refuse BEFORE INSERT ON archive FOR EACH ROW EXECUTE FUNCTION refuse()`
    const rows = rowsOf(stage, 20).map((row, at) => (at === 7 ? { ...row, userAgent: 'refused' } : row))
    const { errors, counts } = await importJson(stage, fileOf(stage, rows))
    await stage.sql`DROP TRIGGER refuse ON archive`
    expect(counts).toEqual({ ...NONE, read: 20, imported: 19, faults: 1 })
    expect(errors).toEqual(['rumen: line 9: the database refuses it'])
    expect(await jobsOf(stage)).toHaveLength(19)
  })

  test('a file of them does not fill the screen', async () => {
    const { errors, counts, failure } = await importJson(stage, 'nonsense\n'.repeat(5_000))
    expect(counts).toMatchObject({ read: 5_000, faults: 5_000 })
    expect(errors).toHaveLength(101)
    expect(errors.at(-1)).toBe('rumen: … and 4900 more')
    expect(failure).toBe('5000 faults: see above; everything else is imported')
  })
})

describe('a file that is not whole', () => {
  const piecesOf = (bytes: Buffer) =>
    Array.from({ length: Math.ceil(bytes.length / 1_000) }, (_, at) => bytes.subarray(at * 1_000, (at + 1) * 1_000))

  test.for([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', (bytes: Buffer) => gzipSync(bytes)],
    // A block of zstd is whole or nothing: here each has some lines.
    ['zstd', (bytes: Buffer) => Buffer.concat(piecesOf(bytes).map((piece) => zstdCompressSync(piece)))],
  ] as const)('is told, and all that is left of it imported: %s', async ([, encode]) => {
    const rows = rowsOf(stage, 40)
    const whole = encode(Buffer.from(fileOf(stage, rows)))
    const { errors, failure, counts } = await importJson(stage, whole.subarray(0, whole.length - 100))
    expect(counts.imported).toBeGreaterThanOrEqual(30)
    expect(errors.at(-1)).toMatch(/^rumen: the file was cut: it ends after \d+ archives/)
    expect(failure).toMatch(/faults/)
    expect((await importJson(stage, whole)).counts).toMatchObject({ imported: 40 - counts.imported, faults: 0 })
  })

  test('is told when its end is there and a line in the middle is not', async () => {
    const [first, , third] = rowsOf(stage, 3).map((row) => lineOf(stage, row))
    const file = [headLine([stage.project]), first, third, endLine(3)].join('')
    const { errors, counts } = await importJson(stage, `${file}${file}`)
    expect(counts).toMatchObject({ imported: 2, present: 2, faults: 2 })
    expect(errors).toEqual(Array(2).fill('rumen: the file has 2 archives, and once had 3'))
  })

  test('and a selection of lines, which has neither first nor last, is whole', async () => {
    expect(
      await importJson(
        stage,
        rowsOf(stage, 2)
          .map((row) => lineOf(stage, row))
          .join(''),
      ),
    ).toMatchObject({ failure: null, errors: [] })
  })
})
