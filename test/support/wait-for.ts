import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 20

/** Asks until the answer is yes (anything but false, null or undefined) and gives it; rejects with `what` after `msMax`. */
export async function waitFor<Answer>(
  what: string,
  ask: () => Promise<Answer | false | null | undefined> | Answer | false | null | undefined,
  msMax = 20_000,
): Promise<Answer> {
  const deadline = Date.now() + msMax
  for (;;) {
    const answer = await ask()
    if (answer !== false && answer !== null && answer !== undefined) return answer
    if (Date.now() > deadline) throw new Error(`waited ${msMax} ms in vain for ${what}`)
    await delay(POLL_MS)
  }
}
