import type { Connection } from '../connect.ts'
import { type ArchiveKey, type KeyQuestion, listArchiveKeys } from './list-archive-keys.ts'
import { archiveAddress } from './read-archives.ts'
import { readWholeArchives, type WholeArchive } from './read-whole-archives.ts'

/** Bodies of one page, on the way as text twice as long; one that is larger comes by itself. */
const BYTES_MAX = 4 * 1024 * 1024
const ROWS_MAX = 500

/** One that is not erased. */
export type StoredArchive = WholeArchive & { body: Buffer }

export interface ArchivePage {
  archives: readonly StoredArchive[]
  /** Archives of the day, and how many of them have been looked at, with this page. */
  count: number
  read: number
  /** The last that was looked at, be it here or erased meanwhile. */
  last: ArchiveKey
}

/**
 * A day's archives in the order they were received, in pages of bounded bytes, with every column. What is erased or dropped
 * after the day was begun is left out. Takes two connections.
 */
export async function* pageArchives(
  { db, sql }: Pick<Connection, 'db' | 'sql'>,
  question: KeyQuestion,
): AsyncGenerator<ArchivePage, void> {
  let read = 0
  for await (const { keys, count } of listArchiveKeys(sql, question)) {
    for (const wanted of pagesOf(keys)) {
      const found = await readWholeArchives(db, question.day, wanted)
      const byAddress = new Map(found.map((one) => [archiveAddress(one), one]))
      read += wanted.length
      const last = wanted.at(-1)
      if (last === undefined) continue
      const archives = wanted.flatMap((key) => {
        const one = byAddress.get(archiveAddress(key))
        return one?.body ? [{ ...one, body: one.body }] : []
      })
      yield { archives, count, read, last }
    }
  }
}

function* pagesOf(keys: readonly ArchiveKey[]): Generator<readonly ArchiveKey[], void> {
  let page: ArchiveKey[] = []
  let bytes = 0
  for (const key of keys) {
    if (page.length > 0 && (page.length === ROWS_MAX || bytes + key.bytes > BYTES_MAX)) {
      yield page
      page = []
      bytes = 0
    }
    page.push(key)
    bytes += key.bytes
  }
  if (page.length > 0) yield page
}
