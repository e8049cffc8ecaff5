export type SpoolFullReason = 'bound' | 'unverified' | 'disk'

const SENTENCES = {
  bound: 'the spool holds SPOOL_MAX_BYTES',
  unverified: 'the spool holds all it may of senders that could not be checked',
  disk: 'the disk of the spool is full',
} as const satisfies Record<SpoolFullReason, string>

/** The spool takes no more for now. `disk`: too little of it is free, or a write said so. */
export class SpoolFullError extends Error {
  readonly reason: SpoolFullReason

  constructor(reason: SpoolFullReason, cause?: unknown) {
    super(SENTENCES[reason], { cause })
    this.name = 'SpoolFullError'
    this.reason = reason
  }
}

/** Anybody can send keys nobody knows: they must not fill the spool. */
const UNVERIFIED_SHARE_MAX = 0.05

/** The bytes of a spool, those that are only about to be written included. */
export interface SpoolSpace {
  readonly bytes: number
  readonly bytesMax: number
  readonly unverifiedBytes: number
  isDiskLow: boolean
  /** Counts a record that is to be written. Throws SpoolFullError. */
  reserve(bytes: number, isVerified: boolean): void
  /** Counts what is there already, whatever the bound. */
  add(bytes: number, isVerified: boolean): void
  release(bytes: number, isVerified: boolean): void
}

export function createSpoolSpace(bytesMax: number): SpoolSpace {
  const unverifiedBytesMax = Math.floor(bytesMax * UNVERIFIED_SHARE_MAX)
  let bytes = 0
  let unverifiedBytes = 0

  function add(added: number, isVerified: boolean): void {
    bytes += added
    if (!isVerified) unverifiedBytes += added
  }

  return {
    get bytes() {
      return bytes
    },
    bytesMax,
    get unverifiedBytes() {
      return unverifiedBytes
    },
    isDiskLow: false,
    reserve(wanted, isVerified) {
      if (this.isDiskLow) throw new SpoolFullError('disk')
      if (bytes + wanted > bytesMax) throw new SpoolFullError('bound')
      if (!isVerified && unverifiedBytes + wanted > unverifiedBytesMax) throw new SpoolFullError('unverified')
      add(wanted, isVerified)
    },
    add,
    release: (released, isVerified) => add(-released, isVerified),
  }
}
