import type { RoleProcess } from '../support/start-role.ts'
import { waitFor } from '../support/wait-for.ts'

/** Clocks of real processes that can be moved from outside. */
export interface LeapingClock {
  /** For a process that starts now. */
  environment(): Readonly<Record<string, string>>
  /** Moves the clock of this process, and of all that start later. */
  leap(role: RoleProcess): Promise<void>
  readonly aheadMs: number
}

export function createLeapingClock(leapMs: number): LeapingClock {
  let aheadMs = 0
  return {
    get aheadMs() {
      return aheadMs
    },
    environment: () => ({
      NODE_OPTIONS: `--import=${new URL('./fixtures/leaping-clock.ts', import.meta.url).href}`,
      CLOCK_LEAP_MS: `${leapMs}`,
      CLOCK_AHEAD_MS: `${aheadMs}`,
    }),
    async leap(role) {
      aheadMs += leapMs
      // Those that leaped before it did are further ahead: how far it is now is its own business.
      const before = role.output().length
      role.signal('SIGUSR2')
      await waitFor('a clock to leap', () => /the clock is \d+ ms ahead/.test(role.output().slice(before)))
    },
  }
}
