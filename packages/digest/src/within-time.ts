import { createContext, Script } from 'node:vm'

/** Work that did not come to an end in time: it was interrupted, wherever it was. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError'
  /** False where this process hardly ran meanwhile: it was suspended, or others had the machine. */
  readonly isItsFault: boolean

  constructor(ms: number, cpuMs: number) {
    super(`it took longer than ${ms} ms`)
    this.isItsFault = cpuMs >= ms / 2
  }
}

/** The work is called from in here: only what a script of `node:vm` runs can be interrupted. */
const inside: { work: (() => unknown) | null } = { work: null }
const SCRIPT = new Script('work()')
const CONTEXT = createContext(inside)

/**
 * Runs synchronous work for at most `ms` milliseconds, also where it would loop for ever, and gives what it gives. Throws
 * OutOfTimeError when it had to be interrupted, which leaves whatever it was changing half changed: it must keep its hands
 * off what outlives the failure. One call of native code (`JSON.parse`, inflating) is interrupted only once it returns.
 *
 * Each call starts and ends a thread that watches: 250 µs measured, as much as the digest of an event. For many small
 * pieces of work there is `eachWithinTime`.
 */
export function withinTime<Result>(ms: number, work: () => Result): Result {
  const outer = inside.work
  inside.work = work
  const before = process.cpuUsage()
  try {
    return SCRIPT.runInContext(CONTEXT, { timeout: ms }) as Result
  } catch (error) {
    if (hasTimedOut(error)) throw new OutOfTimeError(ms, cpuMsSince(before))
    throw error
  } finally {
    inside.work = outer
  }
}

/**
 * What `work` gives for each item, in their order; an OutOfTimeError in place of one that took longer than `ms`. As long as
 * all of them together stay below that, it is one call of `withinTime`. Otherwise the one that was interrupted gets its time
 * for itself, from the beginning, and the others go on. Throws what `work` throws.
 */
export function eachWithinTime<Item, Result>(
  ms: number,
  items: readonly Item[],
  work: (item: Item) => Result,
): (Result | OutOfTimeError)[] {
  const results: (Result | OutOfTimeError)[] = []
  while (results.length < items.length) {
    const rest = items.slice(results.length)
    const end = attempt(ms, () => {
      for (const item of rest) results.push(work(item))
    })
    const interrupted = items.slice(results.length, results.length + 1)
    if (!(end instanceof OutOfTimeError)) continue
    // The first of them has had all of the time.
    const hadItsTime = end.isItsFault && results.length === items.length - rest.length
    for (const item of interrupted) results.push(hadItsTime ? end : alone(ms, item, work))
  }
  return results
}

/** Times a machine may be too slow before the work is called too long. */
const ATTEMPTS_MAX = 3

function alone<Item, Result>(ms: number, item: Item, work: (item: Item) => Result): Result | OutOfTimeError {
  for (let attempts = 1; ; attempts++) {
    const end = attempt(ms, () => work(item))
    if (!(end instanceof OutOfTimeError) || end.isItsFault || attempts === ATTEMPTS_MAX) return end
  }
}

function attempt<Result>(ms: number, work: () => Result): Result | OutOfTimeError {
  try {
    return withinTime(ms, work)
  } catch (error) {
    if (error instanceof OutOfTimeError) return error
    throw error
  }
}

function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

/** Thrown in the script's context, it is no instance of our Error. */
function hasTimedOut(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT'
}
