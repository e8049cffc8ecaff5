import { hash, randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import type { Logger } from '@rumen/telemetry/logger'
import * as v from 'valibot'
import { syncFolder } from './write-all.ts'

/**
 * The keys that opened a project of late, on disk, so that a gateway started while the database is away knows them. It
 * holds hashes: whoever reads the file can recognise a key and learn none. Gateways share the file; each writes what it
 * finds there with its own answers on top, and of two at the same moment the last one wins.
 */
export interface KeySnapshot {
  /** The projects a key opened when the database could last be asked; null: not known. */
  find(publicKey: PublicKey): readonly KeyOwner[] | null
  /** Takes in what the database says: no owners means that the key opens nothing any more. Never rejects. */
  update(known: ReadonlyMap<PublicKey, readonly KeyOwner[]>): Promise<void>
}

const FILE = 'keys.json'
const TEMPORARY = /^keys\.json\.[0-9a-f]{16}$/
/** No write takes so long: its writer was killed. */
const ABANDONED_AFTER_MS = 60_000
const ENTRIES_MAX = 10_000
const OWNERS_MAX = 100
/** Larger is nothing a gateway wrote. */
const FILE_BYTES_MAX = 64 * 1024 * 1024

const limit = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)))
const keyOwner = v.object({
  projectId: v.pipe(v.string(), v.transform(parseProjectId)),
  priority: v.pipe(v.number(), v.safeInteger()),
  projectRatePerSec: limit,
  keyRatePerSec: limit,
  quotas: v.object({ minute: limit, hour: limit, month: limit }),
})
const snapshot = v.object({
  version: v.literal(1),
  keys: v.record(
    v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    v.pipe(v.array(keyOwner), v.minLength(1), v.maxLength(OWNERS_MAX)),
  ),
})

/** By SHA-256 of the key in hexadecimal, the newest at the end. */
type Keys = ReadonlyMap<string, readonly KeyOwner[]>

/** Reads what is there. A file that cannot be read or makes no sense is logged and counts as empty. */
export async function openKeySnapshot(dir: string, logger: Logger): Promise<KeySnapshot> {
  let keys: Keys = (await read(dir, logger)) ?? new Map()
  let writing: Promise<void> = Promise.resolve()
  await removeAbandoned(dir, logger)

  async function update(known: ReadonlyMap<PublicKey, readonly KeyOwner[]>): Promise<void> {
    const found = await read(dir, logger)
    const { merged, isChanged } = merge(found ?? keys, known)
    keys = merged
    if (found && !isChanged) return
    try {
      await write(dir, keys)
    } catch (error) {
      logger.warn({ err: error }, 'known keys could not be kept for a restart')
    }
  }

  return {
    find: (publicKey) => keys.get(nameOf(publicKey)) ?? null,
    update(known) {
      writing = writing.then(() => update(known))
      return writing
    },
  }
}

function merge(found: Keys, known: ReadonlyMap<PublicKey, readonly KeyOwner[]>): { merged: Keys; isChanged: boolean } {
  const merged = new Map(found)
  let isChanged = false
  for (const [publicKey, owners] of known) {
    const name = nameOf(publicKey)
    const before = merged.get(name) ?? []
    if (JSON.stringify(before) === JSON.stringify(owners)) continue
    isChanged = true
    if (owners.length === 0) merged.delete(name)
    else merged.set(name, owners.slice(0, OWNERS_MAX))
  }
  return { merged: new Map([...merged].slice(-ENTRIES_MAX)), isChanged }
}

/** Null when there is no file, or none that makes sense. */
async function read(dir: string, logger: Logger): Promise<Keys | null> {
  const path = join(dir, FILE)
  try {
    const { size } = await stat(path)
    if (size > FILE_BYTES_MAX) throw new Error(`${size} bytes are too many`)
    const { keys } = v.parse(snapshot, JSON.parse(await readFile(path, 'utf8')))
    return new Map(Object.entries(keys).slice(-ENTRIES_MAX))
  } catch (error) {
    if (!isMissing(error)) logger.warn({ err: error }, 'the known keys of an earlier run could not be read')
    return null
  }
}

/** Whole or not at all, and never seen half-written. */
async function write(dir: string, keys: Keys): Promise<void> {
  const temporary = join(dir, `${FILE}.${randomBytes(8).toString('hex')}`)
  try {
    const file = await open(temporary, 'wx', 0o600)
    await file
      .writeFile(JSON.stringify({ version: 1, keys: Object.fromEntries(keys) }))
      .then(() => file.sync())
      .finally(() => file.close())
    await rename(temporary, join(dir, FILE))
    await syncFolder(dir)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

async function removeAbandoned(dir: string, logger: Logger): Promise<void> {
  try {
    for (const name of await readdir(dir)) {
      if (!TEMPORARY.test(name)) continue
      const { mtimeMs } = await stat(join(dir, name))
      if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(join(dir, name), { force: true })
    }
  } catch (error) {
    logger.debug({ err: error }, 'what a killed gateway left was not removed')
  }
}

function nameOf(publicKey: PublicKey): string {
  return hash('sha256', publicKey)
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
