import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeRecord } from '../../fixtures/make-record.ts'
import { spawnWriter, type Writer } from '../../fixtures/spawn-writer.ts'
import { drainAll, makeSpools, type Spools } from '../../fixtures/spools.ts'
import { takeFolder } from './own-folder.ts'
import type { Spool } from './spool.ts'

let spools: Spools
const writers: Writer[] = []

beforeEach(async () => {
  spools = await makeSpools()
})

afterEach(async () => {
  for (const writer of writers.splice(0)) await writer.kill()
  await spools.remove()
})

/** A living process with at least this many records in its spool. */
async function startWriter(keptCount: number): Promise<Writer> {
  const writer = spawnWriter(spools.dir)
  writers.push(writer)
  await vi.waitFor(() => expect(writer.kept.size).toBeGreaterThan(keptCount), { timeout: 20_000, interval: 5 })
  return writer
}

/** Hashes of everything in these spools, drained. */
async function drainHashes(...from: Spool[]): Promise<string[]> {
  const hashes: string[] = []
  for (const spool of from) {
    for (let batch = await spool.next(); batch; batch = await spool.next()) {
      hashes.push(...batch.records.map((record) => record.receipt.archive.hash.toString('hex')))
      await batch.confirm()
    }
  }
  return hashes
}

describe('a gateway that was killed', () => {
  test('in the middle of appending is drained by a living one: every record it kept, each once', async () => {
    const spool = await spools.open()
    const writer = await startWriter(500)
    await writer.kill()
    expect(await drainHashes(spool)).toEqual([])
    await spool.claim()
    const hashes = await drainHashes(spool)
    expect(new Set(hashes).size).toBe(hashes.length)
    expect([...writer.kept].filter((hash) => !hashes.includes(hash))).toEqual([])
    // At most those of the last group were written and not yet said to be.
    expect(hashes.length - writer.kept.size).toBeLessThanOrEqual(40)
    expect(spool.state()).toMatchObject({ bytes: 0, segments: 0 })
    await spool.close()
    expect(await readdir(spools.dir)).toEqual([])
  })

  test('is drained by the one that starts next', async () => {
    const writer = await startWriter(20)
    await writer.kill()
    const hashes = await drainHashes(await spools.open())
    expect([...writer.kept].filter((hash) => !hashes.includes(hash))).toEqual([])
  })

  test('is claimed by one of many that look at the same moment', async () => {
    const living = await Promise.all(Array.from({ length: 4 }, () => spools.open()))
    const killed = await Promise.all([startWriter(50), startWriter(50), startWriter(50)])
    for (const writer of killed) await writer.kill()
    await Promise.all(living.flatMap((spool) => [spool.claim(), spool.claim()]))
    // Two that meet at a lock may both let go of it: then it is the next look that finds it.
    await living[0]?.claim()
    const hashes = await drainHashes(...living)
    expect(new Set(hashes).size).toBe(hashes.length)
    const kept = killed.flatMap((writer) => [...writer.kept])
    expect(kept.filter((hash) => !hashes.includes(hash))).toEqual([])
  })
})

describe('a gateway that lives', () => {
  test('is never claimed, not even while it is suspended', async () => {
    const writer = await startWriter(20)
    writer.signal('SIGSTOP')
    const spool = await spools.open()
    await spool.claim()
    expect(spool.state()).toMatchObject({ bytes: 0, segments: 0 })
    const keptWhenSuspended = writer.kept.size
    writer.signal('SIGCONT')
    await vi.waitFor(() => expect(writer.kept.size).toBeGreaterThan(keptWhenSuspended + 100), { timeout: 10_000 })
    await writer.kill()
    await spool.claim()
    const hashes = await drainHashes(spool)
    expect([...writer.kept].filter((hash) => !hashes.includes(hash))).toEqual([])
  })

  test('is not claimed from its own process either', async () => {
    const [one, other] = await Promise.all([spools.open(), spools.open()])
    await one.append(makeRecord('mine'))
    await Promise.all([one.claim(), other.claim()])
    expect(await drainAll(other)).toEqual([])
    expect(await drainAll(one)).toEqual(['mine'])
  })

  test('and starts beside many others has a spool that is its alone', async () => {
    const living = await Promise.all(Array.from({ length: 8 }, () => spools.open()))
    await Promise.all(living.map((spool, at) => spool.append(makeRecord(`${at}`))))
    await Promise.all(living.map((spool) => spool.claim()))
    expect(await Promise.all(living.map(drainAll))).toEqual(living.map((_, at) => [`${at}`]))
  })
})

describe('what dead gateways left', () => {
  test('half claimed by one that was killed in turn is found in both places', async () => {
    const dead = await spools.open({ segmentBytesMax: 1 })
    for (const [minute, body] of ['1', '2', '3'].entries()) {
      await dead.append(makeRecord(body, { receivedAt: new Date(Date.UTC(2026, 0, 1, 12, minute)) }))
    }
    const [first = ''] = await spools.segments()
    await dead.close()
    const claimer = join(spools.dir, 'gateway-00000000000000aa')
    await mkdir(claimer)
    await cp(first, join(claimer, first.replace(/.*\//, '')))
    await rm(first)
    expect(await drainAll(await spools.open())).toEqual(['1', '2', '3'])
  })

  test('and is empty is taken away: folders, files without a byte, locks without a folder', async () => {
    const empty = join(spools.dir, 'gateway-00000000000000aa')
    await mkdir(empty, { recursive: true })
    await writeFile(join(empty, `1-${'0'.repeat(16)}.segment`), '')
    await writeFile(join(spools.dir, 'gateway-00000000000000bb.lock'), '')
    const spool = await spools.open()
    await spool.close()
    expect(await readdir(spools.dir)).toEqual([])
  })
})

describe('a lock', () => {
  const NAME = 'gateway-00000000000000aa'

  test('taken on a folder that is gone by then is given back', async () => {
    await mkdir(spools.dir)
    expect(await takeFolder(spools.dir, NAME)).toBeNull()
    expect(await readdir(spools.dir)).toEqual([])
  })

  test('is one holder at a time, and stays with a folder that is not empty', async () => {
    await mkdir(join(spools.dir, NAME), { recursive: true })
    const folder = await takeFolder(spools.dir, NAME)
    expect(await takeFolder(spools.dir, NAME)).toBeNull()
    await writeFile(join(spools.dir, NAME, 'x'), '')
    expect(await folder?.release()).toBe(false)
    expect(await readdir(spools.dir)).toEqual([NAME, `${NAME}.lock`])
    const again = await takeFolder(spools.dir, NAME)
    await rm(join(spools.dir, NAME, 'x'))
    expect(await again?.release()).toBe(true)
    expect(await readdir(spools.dir)).toEqual([])
  })
})
