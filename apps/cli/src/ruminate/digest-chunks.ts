import { type ReadArchive, readArchives } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { type ListedError, readErrors } from '@rumen/db/rumination/digest-errors'
import { type ArchivesOfDay, pageHashes } from '@rumen/db/rumination/page-hashes'
import type { DigestLimits } from '@rumen/digest/digest-archive'
import { type ItemDigest, weightOf } from '@rumen/digest/item-digest'
import type { KnownConfigs } from '@rumen/rows/grouping-configs'
import { digestInTime } from './digest-in-time.ts'

/** An archive with what it says today, item by item. */
export interface DigestedArchive {
  archive: ReadArchive
  items: readonly ItemDigest[]
  /** What stands of it on the list of errors. */
  errors: readonly ListedError[]
}

/** Archives of one day whose differences are written together. */
export interface DigestedChunk {
  archives: readonly DigestedArchive[]
  /** Those that took too long, or are known to kill whoever digests them. */
  unreadable: number
  /** The hash of the last one: the next chunk goes on behind it. */
  last: string
}

export interface Digesting {
  db: Db
  configs: KnownConfigs
  limits: DigestLimits
}

/** Archives read at once. */
const PAGE = 500
/** Of one chunk, by `weightOf`: an envelope may hold a thousand logs, each an event. */
const WEIGHT_MAX = 20_000

/** The archives of a day behind a hash, in the order of their hashes, digested again chunk by chunk. */
export async function* digestChunks(
  digesting: Digesting,
  ofDay: ArchivesOfDay,
  after: string | null,
): AsyncGenerator<DigestedChunk, void> {
  for await (const page of ahead(readPages(digesting.db, ofDay, after))) {
    await digesting.configs.learn(page.archives)
    let rest = page.archives
    while (rest.length > 0) {
      const digested = digestFirst(digesting, page, rest)
      const last = rest.slice(0, digested.length).at(-1)
      rest = rest.slice(digested.length)
      if (last === undefined) throw new Error('a chunk was left empty')
      const readable = digested.filter((one) => one !== null)
      yield { archives: readable, unreadable: digested.length - readable.length, last: last.hash }
    }
  }
}

interface Page {
  archives: readonly ReadArchive[]
  errors: ReadonlyMap<string, readonly ListedError[]>
}

async function* readPages(db: Db, ofDay: ArchivesOfDay, first: string | null): AsyncGenerator<Page, void> {
  const { projectId, day } = ofDay
  let after = first
  for (;;) {
    const hashes: readonly string[] = await pageHashes(db, ofDay, { after, countMax: PAGE })
    const errors = Map.groupBy(await readErrors(db, ofDay, hashes), ({ hash }) => hash)
    const addresses = hashes.map((hash) => ({ projectId, day, hash }))
    for await (const round of readArchives(db, addresses)) {
      yield { archives: round.toSorted((a, b) => (a.hash < b.hash ? -1 : 1)), errors }
    }
    after = hashes.at(-1) ?? null
    if (hashes.length < PAGE) return
  }
}

/** Asks for the next one before it gives this one: the database works while this process does. */
async function* ahead<One>(source: AsyncGenerator<One, void>): AsyncGenerator<One, void> {
  let next = source.next()
  for (;;) {
    const one = await next
    if (one.done) return
    next = source.next()
    // Whoever stops here never asks for it.
    next.catch(() => undefined)
    yield one.value
  }
}

/** The first ones of a list, at least one of them, as far as there is room in a chunk; null for what cannot be read. */
function digestFirst(
  { configs, limits }: Digesting,
  { errors }: Page,
  archives: readonly ReadArchive[],
): readonly (DigestedArchive | null)[] {
  let weight = 0
  const isFull = (items: readonly ItemDigest[] | null) => {
    for (const item of items ?? []) weight += weightOf(item)
    return weight >= WEIGHT_MAX
  }
  const configsOf = (archive: ReadArchive) => {
    return errors.get(archive.hash)?.some(isDeadly) ? null : configs.of(archive)
  }
  const digests = digestInTime(archives, configsOf, { limits, isFull })
  return digests.map((items, at) => {
    const archive = archives[at]
    return items && archive ? { archive, items, errors: errors.get(archive.hash) ?? [] } : null
  })
}

/** It has killed a process that tried. */
function isDeadly({ code }: ListedError): boolean {
  return code === 'digest_crashed'
}
