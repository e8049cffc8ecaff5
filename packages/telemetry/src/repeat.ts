export interface Repetition {
  /** Resolves when the run in hand has ended; there is no other after it. */
  stop(): Promise<void>
}

/**
 * At once and again after each pause. A run that takes longer is not overtaken by the next, and one that fails is reported
 * and followed by the next.
 */
export function repeat(pauseMs: number, run: () => Promise<unknown>, onError: (error: unknown) => void): Repetition {
  let inHand: Promise<void> | null = null
  const once = () => {
    inHand ??= runOnce().finally(() => {
      inHand = null
    })
  }

  async function runOnce(): Promise<void> {
    try {
      await run()
    } catch (error) {
      onError(error)
    }
  }

  once()
  const timer = setInterval(once, pauseMs).unref()
  return {
    async stop() {
      clearInterval(timer)
      await inHand
    },
  }
}
