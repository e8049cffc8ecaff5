import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gzip, zstdCompress } from 'node:zlib'
import { isRecord } from '@rumen/protocol/record'
import { CommandError } from '../command-error.ts'

/*
 * A file that is written for hours and may be killed at any instruction. Until it is whole it is FILE.part, in blocks each of which is
 * a member of gzip or a frame of zstd by itself; FILE.part.json says how far it is written for good, and what comes next. Whatever
 * stands behind that is cut off when it goes on.
 */

/** How far a file is written, and what its writer must know to go on. */
interface Progress<Place> {
  bytes: number
  /** Of the last block. */
  blockBytes: number
  blockHash: string
  place: Place
}

export interface PartFile<Place> {
  /** Where the file that goes on stands; null: at its beginning. */
  place: Place | null
  /** Written so far, compressed. */
  bytes(): number
  /** Returns when the bytes, and that everything up to `place` is written, are on the disk. */
  append(bytes: Buffer, place: Place): Promise<void>
  /** Appends the last bytes and gives the file its name: nobody goes on behind them. */
  finish(bytes: Buffer): Promise<void>
  close(): Promise<void>
}

type Compress = (bytes: Buffer) => Promise<Buffer>

const COMPRESSIONS: readonly (readonly [ending: string, compress: Compress])[] = [
  ['.zst', promisify(zstdCompress)],
  ['.gz', promisify(gzip)],
]

/**
 * Begins the file, or goes on with what is there of it where `isResumed` and there is any. Throws CommandError where the file is
 * there, or a part of it nobody spoke of, or one that was changed.
 */
export async function openPartFile<Place>(
  file: string,
  { isResumed, readPlace }: { isResumed: boolean; readPlace: (value: unknown) => Place },
): Promise<PartFile<Place>> {
  const part = `${file}.part`
  if (existsSync(file)) throw new CommandError(`${file} is there already`)
  if (!isResumed && existsSync(part)) {
    throw new CommandError(`${part} is there, of an export that did not come to its end: --resume goes on with it`)
  }
  const progress = isResumed && existsSync(part) ? await readProgress(part, readPlace) : null
  if (progress !== null) await cutBack(part, progress)
  return writerOf({ file, part, progress })
}

function writerOf<Place>({
  file,
  part,
  progress,
}: {
  file: string
  part: string
  progress: Progress<Place> | null
}): PartFile<Place> {
  // Made with its first bytes: what fails before leaves nothing in the way of another try.
  let opened: FileHandle | null = null
  const compress: Compress = COMPRESSIONS.find(([end]) => file.endsWith(end))?.[1] ?? (async (bytes) => bytes)
  let written = progress?.bytes ?? 0
  async function write(bytes: Buffer): Promise<Buffer> {
    const block = await compress(bytes)
    const handle = opened ?? (await open(part, progress === null ? 'w' : 'r+'))
    opened = handle
    for (let at = 0; at < block.length; ) {
      at += (await handle.write(block, at, block.length - at, written + at)).bytesWritten
    }
    await handle.datasync()
    written += block.length
    return block
  }

  return {
    place: progress?.place ?? null,
    bytes: () => written,
    async append(bytes, place) {
      const block = await write(bytes)
      const now: Progress<Place> = { bytes: written, blockBytes: block.length, blockHash: hash('sha256', block), place }
      await replace(`${part}.json`, JSON.stringify(now))
    },
    async finish(bytes) {
      await write(bytes)
      await rename(part, file)
      await rm(`${part}.json`, { force: true })
    },
    close: async () => opened?.close(),
  }
}

/** There is the old content or the new one, never a half. */
async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { flush: true })
  await rename(`${file}.new`, file)
}

async function readProgress<Place>(
  part: string,
  readPlace: (value: unknown) => Place,
): Promise<Progress<Place> | null> {
  // Killed before its first block.
  if (!existsSync(`${part}.json`)) return null
  const value: unknown = JSON.parse(await readFile(`${part}.json`, 'utf8'))
  if (!isRecord(value)) throw changed(part)
  const { bytes, blockBytes, blockHash, place } = value
  if (typeof bytes !== 'number' || typeof blockBytes !== 'number' || typeof blockHash !== 'string') throw changed(part)
  return { bytes, blockBytes, blockHash, place: readPlace(place) }
}

/** Verifies the last block that was written for good, and removes whatever was begun behind it. */
async function cutBack(part: string, { bytes, blockBytes, blockHash }: Progress<unknown>): Promise<void> {
  const handle = await open(part, 'r+')
  try {
    const block = Buffer.alloc(blockBytes)
    const { bytesRead } = await handle.read(block, 0, blockBytes, bytes - blockBytes)
    if (bytesRead !== blockBytes || hash('sha256', block) !== blockHash) throw changed(part)
    await handle.truncate(bytes)
  } finally {
    await handle.close()
  }
}

function changed(part: string): CommandError {
  return new CommandError(`${part} is not as it was left: remove it with ${part}.json, and begin anew`)
}
