import type { Settings } from '@rumen/config/read-settings'
import type { KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'
import { networkOf } from './client-address.ts'
import { type Limit, retryAfterSecs } from './limit.ts'
import { createTokenBuckets, type TokenBuckets } from './token-bucket.ts'

/** Whose tokens a request takes once its key is known. */
export interface Payer {
  /** Null when its connection is gone. */
  address: string | null
  owner: Pick<KeyOwner, 'projectId' | 'projectRatePerSec' | 'keyRatePerSec'>
  publicKey: PublicKey
}

/** Two stages; what the second refuses takes nothing from the first, so that one project's flood does not spend what all share. */
export interface Admission {
  /** Before the key is looked up: a token of the sender's network, and one of those all share. Null: admitted. */
  admitClient(address: string | null): Limit | null
  /**
   * After it: one of the project's and one of the key's. Not before, or whoever knows a project's number could spend its
   * tokens without a key. Only for what `admitClient` has admitted.
   */
  admitProject(sender: Payer): Limit | null
}

export interface RateLimits {
  /** What every request is asked first. */
  requests: Admission
  /**
   * What a request is asked that was limited and then, its envelope header read, turned out to carry no event: sessions,
   * check-ins and client reports pass where events are limited, within as much again of their own.
   */
  withoutEvent: Admission
}

type RateSettings = Pick<
  Settings,
  | 'RATE_LIMIT_REQUESTS_PER_SEC'
  | 'RATE_LIMIT_PER_IP_PER_SEC'
  | 'RATE_LIMIT_PER_PROJECT_PER_SEC'
  | 'RATE_LIMIT_PER_KEY_PER_SEC'
  | 'RATE_LIMIT_BURST_MULTIPLIER'
>

/** Networks remembered; each takes about 100 bytes. Anybody can send from many. */
const NETWORKS_MAX = 100_000
/** Projects or keys remembered. These were looked up, so nobody can make them up. */
const OWNERS_MAX = 20_000

/** `now` in milliseconds, never backwards. */
export function createRateLimits(options: { settings: RateSettings; now?: () => number }): RateLimits {
  return { requests: createAdmission(options), withoutEvent: createAdmission(options) }
}

function createAdmission({ settings, now }: { settings: RateSettings; now?: () => number }): Admission {
  const kind = (entriesMax: number) => {
    const buckets = createTokenBuckets({ entriesMax, now })
    return bucketsWithBurst(buckets, settings.RATE_LIMIT_BURST_MULTIPLIER)
  }
  const networks = kind(NETWORKS_MAX)
  const all = kind(OWNERS_MAX)
  const projects = kind(OWNERS_MAX)
  const keys = kind(OWNERS_MAX)
  const networkRate = settings.RATE_LIMIT_PER_IP_PER_SEC
  const allRate = settings.RATE_LIMIT_REQUESTS_PER_SEC
  const networkKey = (address: string | null) => (networkRate === 0 || address === null ? '' : networkOf(address))

  function takeOfOwner({ owner, publicKey }: Payer): Limit | null {
    const projectRate = owner.projectRatePerSec ?? settings.RATE_LIMIT_PER_PROJECT_PER_SEC
    const projectWaitMs = projects.take(owner.projectId, projectRate)
    if (projectWaitMs > 0) return createLimit('project', projectRate, projectWaitMs, owner.projectRatePerSec !== null)
    const keyRate = owner.keyRatePerSec ?? settings.RATE_LIMIT_PER_KEY_PER_SEC
    // The same key may stand in two projects.
    const keyWaitMs = keyRate === 0 ? 0 : keys.take(`${owner.projectId} ${publicKey}`, keyRate)
    if (keyWaitMs === 0) return null
    projects.giveBack(owner.projectId, projectRate)
    return createLimit('key', keyRate, keyWaitMs, owner.keyRatePerSec !== null)
  }

  return {
    admitClient(address) {
      const network = networkKey(address)
      const networkWaitMs = networks.take(network, networkRate)
      if (networkWaitMs > 0) return createLimit('ip', networkRate, networkWaitMs)
      const allWaitMs = all.take('', allRate)
      if (allWaitMs === 0) return null
      networks.giveBack(network, networkRate)
      return createLimit('global', allRate, allWaitMs)
    },
    admitProject(sender) {
      const limit = takeOfOwner(sender)
      if (limit === null) return null
      networks.giveBack(networkKey(sender.address), networkRate)
      all.giveBack('', allRate)
      return limit
    },
  }
}

/** A rate of 0 or less is no limit. */
function bucketsWithBurst(buckets: TokenBuckets, burstMultiplier: number) {
  return {
    take: (key: string, rate: number) => (rate <= 0 ? 0 : buckets.take(key, rate, Math.max(1, rate * burstMultiplier))),
    giveBack(key: string, rate: number) {
      if (rate > 0) buckets.giveBack(key, rate)
    },
  }
}

const KINDS = {
  ip: { scope: 'key', of: 'from one address', setting: 'RATE_LIMIT_PER_IP_PER_SEC' },
  global: { scope: 'organization', of: 'from all senders', setting: 'RATE_LIMIT_REQUESTS_PER_SEC' },
  project: { scope: 'project', of: 'for this project', setting: 'RATE_LIMIT_PER_PROJECT_PER_SEC' },
  key: { scope: 'key', of: 'with this key', setting: 'RATE_LIMIT_PER_KEY_PER_SEC' },
} as const satisfies Partial<Record<Limit['reason'], { scope: Limit['scope']; of: string; setting: keyof Settings }>>

function createLimit(reason: keyof typeof KINDS, ratePerSec: number, waitMs: number, isOwn = false): Limit {
  const { scope, of, setting } = KINDS[reason]
  const limit = isOwn ? `the ${reason}'s own rate limit` : setting
  return {
    reason,
    scope,
    retryAfterSecs: retryAfterSecs(waitMs),
    detail: `more than ${ratePerSec} requests a second ${of} (${limit})`,
  }
}
