/** How much was looked at, and what was, or would be, done about it. Plain numbers: a run that stopped leaves it behind as JSON. */
export interface Tally {
  archives: number
  /** Events that have a report. */
  events: number
  /** Of them, those whose grouping is of another key than theirs. */
  leaving: number
  /** Rows by their table. */
  changed: Record<string, number>
  added: Record<string, number>
  removed: Record<string, number>
  /** Changed rows by `table.column`. */
  columns: Record<string, number>
  /** Rejected items that can be read now. */
  cured: number
  /** Archives that took too long, or are known to kill whoever digests them. */
  unreadable: number
  /** Archives with something new that nobody has digested yet: that is left to whoever will. */
  waiting: number
  /** Events whose archives are gone, as far as anybody looked. */
  gone: number
}

export function emptyTally(): Tally {
  return {
    ...{ archives: 0, events: 0, leaving: 0, cured: 0, unreadable: 0, waiting: 0, gone: 0 },
    ...{ changed: {}, added: {}, removed: {}, columns: {} },
  }
}

/** Both together. */
export function addTallies(one: Tally, other: Partial<Tally>): Tally {
  const { archives = 0, events = 0, leaving = 0, cured = 0, unreadable = 0, waiting = 0, gone = 0 } = other
  return {
    archives: one.archives + archives,
    events: one.events + events,
    leaving: one.leaving + leaving,
    cured: one.cured + cured,
    unreadable: one.unreadable + unreadable,
    waiting: one.waiting + waiting,
    gone: one.gone + gone,
    changed: addCounts(one.changed, other.changed),
    added: addCounts(one.added, other.added),
    removed: addCounts(one.removed, other.removed),
    columns: addCounts(one.columns, other.columns),
  }
}

/** How often each name stands in a list. */
export function countNames(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

export function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

function addCounts(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>> = {}) {
  const sums = { ...one }
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count
  return sums
}
