import type { KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'
import type { Logger } from '@rumen/telemetry/logger'
import { type DrainOptions, startDrain } from './drain.ts'
import { type KeySnapshot, openKeySnapshot } from './key-snapshot.ts'
import { openSpool, type Spool, type SpoolOptions } from './spool.ts'

/** Everything a gateway keeps in SPOOL_DIR: receipts, and the keys it knows. */
export interface Spooling extends Pick<Spool, 'append' | 'hasRoom' | 'state'> {
  rememberedKey: KeySnapshot['find']
  /** Keeps what the database said of a key, for a restart while it is away. */
  rememberKey(publicKey: PublicKey, owners: readonly KeyOwner[]): void
  /** Drains what is there, and what comes, for as long as the gateway runs. */
  drain(options: Omit<DrainOptions, 'spool' | 'logger'>): void
  stop(): Promise<void>
}

const REFRESH_MS = 1_000
const CLAIM_MS = 5_000
const REMEMBER_MS = 2_000

/** Opens SPOOL_DIR; rejects with a sentence when it cannot be used. */
export async function startSpooling(options: SpoolOptions & { logger: Logger }): Promise<Spooling> {
  const { dir, logger } = options
  const spool = await openSpool(options)
  const snapshot = await openKeySnapshot(dir, logger)
  let learned = new Map<PublicKey, readonly KeyOwner[]>()
  let wake = () => {}
  let stopDrain = async () => {}

  const remember = async () => {
    if (learned.size === 0) return
    const known = learned
    learned = new Map()
    await snapshot.update(known)
  }
  // A drain that was woken for nothing costs a look into memory.
  const refresh = () => spool.refresh().then(() => wake())
  const timers = [
    setInterval(() => void refresh(), REFRESH_MS),
    setInterval(() => void spool.claim().then(() => wake()), CLAIM_MS),
    setInterval(() => void remember(), REMEMBER_MS),
  ]
  for (const timer of timers) timer.unref()

  return {
    append: spool.append,
    hasRoom: spool.hasRoom,
    state: spool.state,
    rememberedKey: snapshot.find,
    rememberKey: (publicKey, owners) => learned.set(publicKey, owners),
    drain(draining) {
      const drain = startDrain({ spool, logger, ...draining })
      wake = drain.wake
      stopDrain = drain.stop
    },
    async stop() {
      for (const timer of timers) clearInterval(timer)
      await stopDrain()
      await remember()
      await spool.close()
    },
  }
}
