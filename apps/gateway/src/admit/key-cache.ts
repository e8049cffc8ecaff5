import type { KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'

/** How long an answer is believed when no notification comes; a wrong key costs one query a minute, not one a request. */
const TTL_MS = 60_000
/** Right keys remembered, and as many wrong ones: a flood of made-up keys neither fills the memory nor drives out a right one. */
const ENTRIES_MAX = 10_000
/** A database that has not answered by then is taken to be away, and not asked about other keys for as long. */
const PATIENCE_MS = 1_000
/** Questions nobody has answered yet; more are not asked. */
const QUESTIONS_MAX = 1_000

/** Where the answer came from: `stale` is one that could not be asked for again, `unasked` is none. */
export type KeyAnswer = 'hit' | 'asked' | 'stale' | 'unasked'

export interface FoundKey {
  /** The projects a key opens; empty: it opens none. Null: nobody could be asked, and nobody knew. */
  owners: readonly KeyOwner[] | null
  answer: KeyAnswer
}

export interface KeyCache {
  /** What is remembered and still believed; null: ask. */
  peek(publicKey: PublicKey): FoundKey | null
  /** Never rejects: a database that cannot be asked is an answer of its own, and never "wrong key". */
  find(publicKey: PublicKey): Promise<FoundKey>
  /** Something changed: everything is asked again, and what cannot be asked is believed a while longer. */
  expire(): void
}

interface Entry {
  owners: readonly KeyOwner[]
  validUntilMs: number
}

/**
 * The keys of the senders of late. While the database is away a key that opened a project goes on opening it, however
 * long; a wrong one is forgotten in time, because it may have been made since. `remembered` knows keys of an earlier
 * process, `onLearned` hears what the database said, `onAnswer` where each answer came from.
 */
export function createKeyCache({
  findKey,
  remembered = () => null,
  onLearned = () => {},
  onAnswer = () => {},
  now = () => performance.now(),
}: {
  findKey: (publicKey: PublicKey) => Promise<readonly KeyOwner[]>
  remembered?: (publicKey: PublicKey) => readonly KeyOwner[] | null
  onLearned?: (publicKey: PublicKey, owners: readonly KeyOwner[]) => void
  onAnswer?: (answer: KeyAnswer) => void
  now?: () => number
}): KeyCache {
  const right = new Map<PublicKey, Entry>()
  const wrong = new Map<PublicKey, Entry>()
  /** Concurrent requests share one query. */
  const asked = new Map<PublicKey, Promise<readonly KeyOwner[] | null>>()
  let silentUntilMs = 0

  function ask(publicKey: PublicKey): Promise<readonly KeyOwner[] | null> {
    const asking = asked.get(publicKey)
    if (asking !== undefined) return asking
    const answered = findKey(publicKey).then(
      (owners) => {
        // Expired meanwhile: right for those who wait, perhaps wrong for the next.
        if (asked.get(publicKey) === query) learn(publicKey, owners)
        return owners
      },
      () => null,
    )
    const query = withPatience(answered, () => {
      silentUntilMs = now() + PATIENCE_MS
    })
    asked.set(publicKey, query)
    void answered.then(() => {
      if (asked.get(publicKey) === query) asked.delete(publicKey)
    })
    return query
  }

  function learn(publicKey: PublicKey, owners: readonly KeyOwner[]): void {
    right.delete(publicKey)
    wrong.delete(publicKey)
    setBounded(owners.length > 0 ? right : wrong, publicKey, { owners, validUntilMs: now() + TTL_MS })
    onLearned(publicKey, owners)
  }

  function believed(publicKey: PublicKey): FoundKey {
    const owners = right.get(publicKey)?.owners ?? remembered(publicKey)
    return owners && owners.length > 0 ? { owners, answer: 'stale' } : { owners: null, answer: 'unasked' }
  }

  function peek(publicKey: PublicKey): FoundKey | null {
    const entry = right.get(publicKey) ?? wrong.get(publicKey)
    return entry && now() < entry.validUntilMs ? told({ owners: entry.owners, answer: 'hit' }) : null
  }

  function told(found: FoundKey): FoundKey {
    onAnswer(found.answer)
    return found
  }

  return {
    peek,
    async find(publicKey) {
      const remembers = peek(publicKey)
      if (remembers) return remembers
      if (now() < silentUntilMs || asked.size > QUESTIONS_MAX) return told(believed(publicKey))
      const owners = await ask(publicKey)
      return told(owners ? { owners, answer: 'asked' } : believed(publicKey))
    },
    expire() {
      asked.clear()
      wrong.clear()
      for (const entry of right.values()) entry.validUntilMs = 0
    },
  }
}

/** A Map iterates in order of insertion: its first key is the oldest. */
function setBounded(entries: Map<PublicKey, Entry>, publicKey: PublicKey, entry: Entry): void {
  entries.set(publicKey, entry)
  if (entries.size <= ENTRIES_MAX) return
  for (const oldest of entries.keys()) {
    entries.delete(oldest)
    return
  }
}

/** The answer, or null when it does not come in time; when it comes, it is learned from all the same. */
function withPatience<Answer>(answer: Promise<Answer | null>, onSilence: () => void): Promise<Answer | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      onSilence()
      resolve(null)
    }, PATIENCE_MS)
    timer.unref()
    void answer.then((known) => {
      clearTimeout(timer)
      resolve(known)
    })
  })
}
