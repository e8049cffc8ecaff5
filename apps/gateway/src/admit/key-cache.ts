import type { Db } from '@rumen/db/connect'
import { findKey, type KeyOwner } from '@rumen/db/project/find-key'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'

/** How long an answer is believed when no notification comes; a wrong key costs one query a minute, not one a request. */
const TTL_MS = 60_000
/** Keys remembered, right and wrong ones together: a flood of made-up keys must not fill the memory. */
const ENTRIES_MAX = 10_000

export interface KeyCache {
  /** Who a key belongs to in this project; null: nobody. Rejects when the database cannot be asked: that is no answer. */
  find(publicKey: PublicKey, projectId: ProjectId): Promise<KeyOwner | null>
  /** Forgets everything: a key was made or revoked. */
  clear(): void
}

interface Entry {
  owners: Promise<readonly KeyOwner[]>
  validUntilMs: number
}

export function createKeyCache(db: Db, now: () => number = Date.now): KeyCache {
  const entries = new Map<PublicKey, Entry>()

  function lookUp(publicKey: PublicKey): Promise<readonly KeyOwner[]> {
    const entry = entries.get(publicKey)
    if (entry && now() < entry.validUntilMs) return entry.owners
    const owners = findKey(db, publicKey)
    // Concurrent requests share one query; a failed one is not remembered.
    owners.catch(() => entries.delete(publicKey))
    entries.delete(publicKey)
    entries.set(publicKey, { owners, validUntilMs: now() + TTL_MS })
    if (entries.size > ENTRIES_MAX) evictOldest()
    return owners
  }

  function evictOldest(): void {
    for (const publicKey of entries.keys()) {
      entries.delete(publicKey)
      return
    }
  }

  return {
    async find(publicKey, projectId) {
      const owners = await lookUp(publicKey)
      return owners.find((owner) => owner.projectId === projectId) ?? null
    },
    clear: () => entries.clear(),
  }
}
