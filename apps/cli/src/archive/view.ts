import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Settings } from '@rumen/config/read-settings'
import { readWholeArchives, type WholeArchive } from '@rumen/db/archive/read-whole-archives'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { ProtocolError } from '@rumen/protocol/protocol-error'
import { CommandError } from '../command-error.ts'
import { findArchive, isHashPrefix } from '../find-archive.ts'
import { readDay } from '../read-day.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { archiveInWords } from './in-words.ts'
import { viewArchive } from './viewed.ts'

const OPTIONS = {
  project: { type: 'string' },
  day: { type: 'string' },
  raw: { type: 'boolean' },
  json: { type: 'boolean' },
} as const

/**
 * `rumen archive view HASH [--project ID] [--day DAY] [--raw] [--json]`: an archive as it came, by its hash or the beginning of it: what is known
 * of its request, and its items, each as far as a person reads. `--raw`: its decoded bytes and nothing else.
 */
export async function viewArchiveCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'HASH', OPTIONS)
  const { project, day, raw = false, json = false } = options
  if (raw && json) throw new CommandError('--raw and --json are two things')
  if (!isHashPrefix(word)) throw new CommandError('HASH is 8 hexadecimal characters of an archive’s hash, or more')
  const archive = await withDatabase(settings, async (db) => {
    const projectId = project === undefined ? null : readProjectId(project)
    const question = { hashPrefix: word.toLowerCase(), projectId, day: readDay(day, '--day') }
    const address = await findArchive(db, question)
    const [found] = await readWholeArchives(db, address.day, [address])
    return found ?? gone(`archive ${address.hash} of ${address.day} is gone`)
  })
  const bytes = decoded(archive, settings.MAX_UNCOMPRESSED_PAYLOAD_BYTES)
  // A pipe takes bytes in portions: the process must not end before the last.
  if (raw) return await pipeline(Readable.from([bytes]), process.stdout, { end: false })
  const viewed = viewArchive(archive, bytes)
  console.log(json ? JSON.stringify(viewed) : archiveInWords(viewed))
}

function decoded({ body, encoding, erasedAt }: WholeArchive, bytesMax: number): Buffer {
  if (body === null) throw new CommandError(`its body was erased ${erasedAt ?? ''}`.trimEnd())
  try {
    return decode(body, parseContentEncoding(encoding), bytesMax)
  } catch (error) {
    if (error instanceof ProtocolError) throw new CommandError(`its body cannot be decoded: ${error.message}`)
    throw error
  }
}

function gone(sentence: string): never {
  throw new CommandError(sentence)
}
