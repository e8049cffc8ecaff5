import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { takeProcessLock } from '@rumen/telemetry/process-lock'
import type { DataFolder } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'

/** While a process looks whether there is an owner, it holds the lock for some microseconds: a starter tries again. */
const LOOKS_MAX = 10
const LOOK_AGAIN_MS = 20

export interface Owner {
  pid: number
  /** Null while the server is starting. */
  port: number | null
}

export interface Ownership {
  /** Tells processes that want to join where the server listens. */
  announce(port: number): void
  release(): void
}

/** Makes this process the owner of the data folder until it releases it or dies. Throws `EmbeddedError` IN_USE when another one lives. */
export async function takeOwnership(folder: DataFolder): Promise<Ownership> {
  for (let look = 0; look < LOOKS_MAX; look++) {
    const unlock = takeProcessLock(folder.ownerLock)
    if (unlock) return ownership(folder, unlock)
    await delay(LOOK_AGAIN_MS)
  }
  const owner = readRecord(folder)
  throw new EmbeddedError(
    'IN_USE',
    `Another Rumen${owner ? ` (process ${owner.pid})` : ''} is using the database in ${folder.root}: stop it first, or choose another folder.`,
  )
}

/** The living owner of a data folder, or null. */
export async function findOwner(folder: DataFolder): Promise<Owner | null> {
  if (!(await stat(folder.ownerLock).catch(() => null))) return null
  const unlock = takeProcessLock(folder.ownerLock)
  unlock?.()
  return unlock ? null : (readRecord(folder) ?? { pid: 0, port: null })
}

function ownership(folder: DataFolder, unlock: () => void): Ownership {
  const record = (port: number | null) => writeFileSync(folder.owner, `${process.pid} ${port ?? ''}`, { mode: 0o600 })
  rmSync(folder.owner, { force: true }) // of a killed owner, who may have been another user
  record(null)
  return {
    announce: record,
    release: () => {
      rmSync(folder.owner, { force: true })
      unlock()
    },
  }
}

function readRecord(folder: DataFolder): Owner | null {
  try {
    const [pid, port] = readFileSync(folder.owner, 'utf8').split(' ').map(Number)
    return pid ? { pid, port: port || null } : null
  } catch {
    return null // removed a moment ago
  }
}
