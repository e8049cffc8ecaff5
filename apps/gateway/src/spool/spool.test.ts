import { mkdir, open as openFile, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { bodyOf, makeRecord, makeUnverifiedRecord } from '../../fixtures/make-record.ts'
import { drainAll, makeSpools, methodsOfFiles, type Spools } from '../../fixtures/spools.ts'
import type { Spool } from './spool.ts'
import { encodeRecord } from './spool-record.ts'
import { SpoolFullError } from './spool-space.ts'

let spools: Spools

beforeEach(async () => {
  spools = await makeSpools()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await spools.remove()
})

async function appendAll(spool: Spool, bodies: readonly string[]): Promise<void> {
  await Promise.all(bodies.map((body) => spool.append(makeRecord(body))))
}

function numbered(count: number, length = 0): string[] {
  return Array.from({ length: count }, (_, at) => `${at}`.padEnd(length, '.'))
}

async function mode(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8)
}

async function flipByte(path: string, at: number): Promise<void> {
  const file = await openFile(path, 'r+')
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, at)
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x10]), 0, 1, at)
  await file.close()
}

describe('opening', () => {
  test('makes folders and files that only their owner may read', async () => {
    const spool = await spools.open()
    await spool.append(makeRecord('x'))
    const [segment = ''] = await spools.segments()
    expect(await mode(spools.dir)).toBe('700')
    expect(await mode(dirname(segment))).toBe('700')
    expect(await mode(`${dirname(segment)}.lock`)).toBe('600')
    expect(await mode(segment)).toBe('600')
  })

  test.for(['a file', 'a file/spool'])('says in a sentence that SPOOL_DIR cannot be used: %s', async (path) => {
    await mkdir(spools.dir)
    await writeFile(join(spools.dir, 'a file'), '')
    const opening = spools.open({ dir: join(spools.dir, path) })
    await expect(opening).rejects.toThrow(/^SPOOL_DIR .+a file.* cannot be used: \w+/)
  })

  test('leaves alone what is not its own', async () => {
    await mkdir(join(spools.dir, 'gateway-notes'), { recursive: true })
    await mkdir(join(spools.dir, 'gateway-0123456789abcdef'))
    await writeFile(join(spools.dir, 'gateway-0123456789abcdef', 'notes.txt'), 'mine')
    const spool = await spools.open()
    expect(spool.state()).toMatchObject({ bytes: 0, records: 0, segments: 0 })
    expect(await readFile(join(spools.dir, 'gateway-0123456789abcdef', 'notes.txt'), 'utf8')).toBe('mine')
  })
})

describe('closing', () => {
  test('an empty spool leaves nothing behind', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(10))
    await drainAll(spool)
    await spool.close()
    expect(await readdir(spools.dir)).toEqual([])
  })

  test('a spool with records leaves them to the next process, which answers for them', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(10))
    const { bytes } = spool.state()
    await spool.close()
    const next = await spools.open()
    expect(next.state()).toMatchObject({ bytes, segments: 1 })
    expect(await drainAll(next)).toEqual(numbered(10))
    expect(next.state()).toMatchObject({ bytes: 0, records: 0, segments: 0, oldestReceivedAt: null })
  })

  test('waits for the appends under way, those of the next group, too', async () => {
    const spool = await spools.open()
    await spool.append(makeRecord('0'))
    const held = Promise.withResolvers<void>()
    const datasync = vi.spyOn(await methodsOfFiles(), 'datasync').mockImplementationOnce(() => held.promise)
    let keptCount = 0
    const append = (body: string) => spool.append(makeRecord(body)).then(() => keptCount++)
    const first = append('1')
    await vi.waitFor(() => expect(datasync).toHaveBeenCalledTimes(1))
    const second = append('2')
    const closed = spool.close()
    held.resolve()
    await closed
    expect(keptCount).toBe(2)
    await Promise.all([first, second])
    await expect(spool.append(makeRecord('late'))).rejects.toThrow('closed')
    expect(await drainAll(await spools.open())).toEqual(['0', '1', '2'])
  })
})

test('a closed spool claims nothing more', async () => {
  const [closed, dead] = await Promise.all([spools.open(), spools.open()])
  await dead.append(makeRecord('x'))
  await closed.close()
  await dead.close()
  await closed.claim()
  expect(await drainAll(await spools.open())).toEqual(['x'])
})

describe('the bound', () => {
  const BODY = 'x'.repeat(1_000)

  test('counts records that are still being written, and refuses what would exceed it', async () => {
    const { bytes } = encodeRecord(makeRecord(BODY))
    const spool = await spools.open({ bytesMax: bytes * 10 + 100 })
    const results = await Promise.allSettled(numbered(15, 1_000).map((body) => spool.append(makeRecord(body))))
    const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(refusals).toHaveLength(5)
    for (const refusal of refusals) expect(refusal).toMatchObject({ name: 'SpoolFullError', reason: 'bound' })
    expect(spool.state()).toMatchObject({ bytes: bytes * 10, records: 10 })
  })

  test('gives room back when a segment is drained', async () => {
    const spool = await spools.open({ bytesMax: encodeRecord(makeRecord(BODY)).bytes })
    expect(spool.hasRoom()).toBe(true)
    await spool.append(makeRecord(BODY))
    expect(spool.hasRoom()).toBe(false)
    await expect(spool.append(makeRecord('more'))).rejects.toThrow(SpoolFullError)
    expect(await drainAll(spool)).toEqual([BODY])
    expect(spool.hasRoom()).toBe(true)
    await spool.append(makeRecord(BODY))
  })

  test('holds for what was claimed, too', async () => {
    const { bytes } = encodeRecord(makeRecord(BODY))
    const dead = await spools.open()
    await appendAll(dead, numbered(10, 1_000))
    await dead.close()
    const spool = await spools.open({ bytesMax: bytes * 10 })
    expect(spool.hasRoom()).toBe(false)
    await expect(spool.append(makeRecord(BODY))).rejects.toMatchObject({ reason: 'bound' })
  })

  test('keeps senders nobody could be asked about to a twentieth of it, also across a restart', async () => {
    const { bytes } = encodeRecord(makeUnverifiedRecord(BODY))
    const bytesMax = bytes * 40
    const first = await spools.open({ bytesMax })
    await first.append(makeUnverifiedRecord(BODY))
    await first.close()
    const spool = await spools.open({ bytesMax })
    expect(spool.state()).toMatchObject({ bytes, unverifiedBytes: bytes })
    await spool.append(makeUnverifiedRecord(BODY))
    await expect(spool.append(makeUnverifiedRecord(BODY))).rejects.toMatchObject({ reason: 'unverified' })
    await spool.append(makeRecord(BODY))
    expect(await drainAll(spool)).toEqual([BODY, BODY, BODY])
    expect(spool.state()).toMatchObject({ bytes: 0, unverifiedBytes: 0 })
    await spool.append(makeUnverifiedRecord(BODY))
  })

  test('of free disk is kept, as far as it was looked at last', async () => {
    const spool = await spools.open({ minFreeBytes: 2 ** 60 })
    expect(spool.state().isDiskLow).toBe(true)
    expect(spool.hasRoom()).toBe(false)
    await expect(spool.append(makeRecord('x'))).rejects.toMatchObject({ name: 'SpoolFullError', reason: 'disk' })
    const other = await spools.open({ minFreeBytes: 1 })
    await other.refresh()
    expect(other.hasRoom()).toBe(true)
  })
})

describe('draining', () => {
  test('gives the oldest records first, whoever wrote them', async () => {
    const at = (minute: number) => ({ receivedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)) })
    const dead = await Promise.all([spools.open(), spools.open()])
    await dead[0].append(makeRecord('second', at(20)))
    await dead[1].append(makeRecord('first', at(10)))
    for (const spool of dead) await spool.close()
    const spool = await spools.open()
    await spool.append(makeRecord('own', at(30)))
    expect(spool.state().oldestReceivedAt).toEqual(at(10).receivedAt)
    expect(await drainAll(spool)).toEqual(['first', 'second', 'own'])
  })

  test('gives at most 200 records at once, and the same ones until they are confirmed', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(450))
    const first = await spool.next()
    expect(await spool.next()).toBe(first)
    expect(first?.records.map(bodyOf)).toEqual(numbered(200))
    await first?.confirm()
    const second = await spool.next()
    expect(second?.records.map(bodyOf)).toEqual(numbered(450).slice(200, 400))
    await second?.confirm()
    expect((await spool.next())?.records).toHaveLength(50)
  })

  test('gives at most 8 MiB at once, or one record that is larger', async () => {
    const MiB = 1024 * 1024
    const spool = await spools.open()
    for (const size of [3, 3, 3, 20, 1]) await spool.append(makeRecord(Buffer.alloc(size * MiB, `${size}`)))
    const sizes: number[][] = []
    for (let batch = await spool.next(); batch; batch = await spool.next()) {
      sizes.push(batch.records.map((record) => record.receipt.archive.body.length / MiB))
      await batch.confirm()
    }
    expect(sizes).toEqual([[3, 3], [3], [20], [1]])
  })

  test('takes away the file of a segment with its last record, not before', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(201))
    const { bytes } = spool.state()
    await (await spool.next())?.confirm()
    expect(await spools.segments()).toHaveLength(1)
    expect(spool.state().bytes).toBe(bytes)
    await (await spool.next())?.confirm()
    expect(await spools.segments()).toEqual([])
    expect(spool.state().bytes).toBe(0)
  })

  test('that ends half-way through a segment begins with its first record again', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(300))
    await (await spool.next())?.confirm()
    await spool.close()
    expect(await drainAll(await spools.open())).toEqual(numbered(300))
  })

  test('reaches what is appended meanwhile', async () => {
    const spool = await spools.open()
    await appendAll(spool, ['1', '2'])
    const batch = await spool.next()
    await appendAll(spool, ['3'])
    expect(batch?.records.map(bodyOf)).toEqual(['1', '2'])
    await batch?.confirm()
    expect(await drainAll(spool)).toEqual(['3'])
    expect(await spool.next()).toBeNull()
  })

  test('goes through many segments, none larger than it may be', async () => {
    const spool = await spools.open({ segmentBytesMax: 20_000 })
    const bodies = [...numbered(60, 1_000), 'y'.repeat(30_000), 'z']
    for (const body of bodies) await spool.append(makeRecord(body))
    const sizes = await Promise.all((await spools.segments()).map(async (path) => (await stat(path)).size))
    expect(sizes.length).toBeGreaterThan(5)
    expect(sizes.filter((size) => size > 20_000)).toHaveLength(1)
    expect(spool.state()).toMatchObject({ segments: sizes.length, records: bodies.length })
    expect(spool.state().bytes).toBe(sizes.reduce((sum, size) => sum + size))
    expect(await drainAll(spool)).toEqual(bodies)
  })

  test('passes over a segment that was taken away or cannot be read, and comes back to it', async () => {
    const spool = await spools.open({ segmentBytesMax: 1 })
    for (const [minute, body] of ['gone', 'unreadable', 'good'].entries()) {
      await spool.append(makeRecord(body, { receivedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)) }))
    }
    const [gone = '', unreadable = ''] = await spools.segments()
    const bytes = await readFile(unreadable)
    for (const path of [gone, unreadable]) await rm(path)
    await mkdir(unreadable)
    expect(await drainAll(spool)).toEqual(['good'])
    expect(spool.state()).toMatchObject({ segments: 1, bytes: bytes.length })
    await rm(unreadable, { recursive: true })
    await writeFile(unreadable, bytes)
    await spool.claim()
    expect(await drainAll(spool)).toEqual(['unreadable'])
  })
})

describe('a damaged segment', () => {
  test('gives all that is whole; the rest is told once and kept aside, also by the next process', async () => {
    const damaged: number[] = []
    const spool = await spools.open({ onDamaged: (bytes) => damaged.push(bytes) })
    await appendAll(spool, numbered(5, 200))
    const [path = ''] = await spools.segments()
    const { bytes } = encodeRecord(makeRecord('2'.padEnd(200, '.')))
    await flipByte(path, bytes * 2 + 100)
    const stretch = (await readFile(path)).subarray(bytes * 2, bytes * 3)
    expect(await drainAll(spool)).toEqual(numbered(5, 200).toSpliced(2, 1))
    expect(damaged).toEqual([bytes])
    expect(await readFile(path.replace('.segment', '.damaged'))).toEqual(stretch)
    expect(await mode(path.replace('.segment', '.damaged'))).toBe('600')
    expect(spool.state()).toMatchObject({ bytes, keptAsideBytes: bytes, records: 0, segments: 0 })
    await spool.close()
    expect((await spools.open()).state()).toMatchObject({ bytes, keptAsideBytes: bytes, segments: 0 })
  })

  test('that only ends in the middle of a record is no damage to be kept', async () => {
    const spool = await spools.open({ onDamaged: () => expect.unreachable() })
    await appendAll(spool, numbered(5, 200))
    const [path = ''] = await spools.segments()
    await spool.close()
    await writeFile(path, (await readFile(path)).subarray(0, -1))
    const next = await spools.open({ onDamaged: () => expect.unreachable() })
    expect(await drainAll(next)).toEqual(numbered(4, 200))
    expect(await spools.files()).toEqual([expect.stringMatching(/^gateway-[0-9a-f]{16}\.lock$/)])
  })

  test('of one segment yields no record of another that a stranger has read and put into a body', async () => {
    const spool = await spools.open()
    await spool.append(makeRecord('copied'))
    const [path = ''] = await spools.segments()
    const copied = await readFile(path)
    expect(await drainAll(spool)).toEqual(['copied'])
    await spool.append(makeRecord(copied))
    const [carrier = ''] = await spools.segments()
    await flipByte(carrier, 100)
    expect(await drainAll(spool)).toEqual([])
  })

  test('kept aside goes when newer ones need its room', async () => {
    const { bytes } = encodeRecord(makeRecord('0'.padEnd(1_000, '.')))
    const spool = await spools.open({ bytesMax: bytes * 16 * 3 + 100, segmentBytesMax: 1 })
    for (const [minute, body] of numbered(5, 1_000).entries()) {
      await spool.append(makeRecord(body, { receivedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)) }))
    }
    const paths = await spools.segments()
    for (const path of paths) await flipByte(path, 100)
    expect(await drainAll(spool)).toEqual([])
    expect(
      (await spools.files()).filter((name) => name.endsWith('.damaged')).map((name) => join(spools.dir, name)),
    ).toEqual(paths.slice(2).map((path) => path.replace('.segment', '.damaged')))
    expect(spool.state()).toMatchObject({ bytes: bytes * 3, keptAsideBytes: bytes * 3 })
  })

  test('keeps aside what the database refuses, and lets the others go', async () => {
    const spool = await spools.open()
    await appendAll(spool, numbered(3))
    const [path = ''] = await spools.segments()
    const { bytes } = encodeRecord(makeRecord('1'))
    const record = (await readFile(path)).subarray(bytes, bytes * 2)
    const batch = await spool.next()
    await batch?.confirm(batch.records.slice(1, 2))
    expect(await spools.segments()).toEqual([])
    expect(await readFile(path.replace('.segment', '.damaged'))).toEqual(record)
  })
})
