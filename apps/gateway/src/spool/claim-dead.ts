import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Logger } from '@rumen/telemetry/logger'
import { listFolders, type OwnFolder, takeFolder } from './own-folder.ts'
import { foundSegment, isKeptAside, type Segment } from './segment.ts'
import { syncFolder } from './write-all.ts'

/** What was found in the folders of dead processes, and is now in this one's. */
export interface Claimed {
  segments: Segment[]
  /** What their readers could not make out. */
  keptAside: { path: string; bytes: number }[]
}

/**
 * Moves the files of every dead process into `own`, each by one atomic rename: a claimer that is killed half-way leaves
 * each file in one of two folders, and both are a dead one's. A folder that cannot be claimed is logged and left.
 */
export async function claimDead(spoolDir: string, own: OwnFolder, logger: Logger): Promise<Claimed> {
  const claimed: Claimed = { segments: [], keptAside: [] }
  for (const name of await listFolders(spoolDir)) {
    if (name === basename(own.path)) continue
    try {
      const dead = await takeFolder(spoolDir, name)
      if (dead) await claim(dead, { own, claimed, logger })
    } catch (error) {
      logger.error({ err: error, folder: name }, 'the spool of a dead gateway could not be claimed')
    }
  }
  return claimed
}

async function claim(
  dead: OwnFolder,
  { own, claimed, logger }: { own: OwnFolder; claimed: Claimed; logger: Logger },
): Promise<void> {
  let filesCount = 0
  try {
    for (const name of await readdir(dead.path)) if (await move(name, dead.path, { own, claimed })) filesCount++
    // The old folder may only vanish from the disk after its files are in the new one.
    if (filesCount > 0) await syncFolder(own.path)
  } finally {
    await dead.release()
    if (filesCount > 0) logger.info({ folder: basename(dead.path), filesCount }, 'claimed the spool of a dead gateway')
  }
}

/** False for a file that is not ours, which stays where it is. */
async function move(
  name: string,
  from: string,
  { own, claimed }: { own: OwnFolder; claimed: Claimed },
): Promise<boolean> {
  const { size: bytes } = await stat(join(from, name))
  const segment = foundSegment(own.path, name, bytes)
  if (!segment && !isKeptAside(name)) return false
  if (bytes === 0) {
    // Made a moment before its owner was killed.
    await rm(join(from, name))
    return true
  }
  await rename(join(from, name), join(own.path, name))
  if (segment) claimed.segments.push(segment)
  else claimed.keptAside.push({ path: join(own.path, name), bytes })
  return true
}
