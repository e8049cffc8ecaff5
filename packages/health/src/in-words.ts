const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `40 s`, `5 min`, `3 h`, `2 days`: whole units, of the largest that makes two or more. */
export function secondsInWords(seconds: number): string {
  if (seconds < 2 * MINUTE) return `${Math.round(seconds)} s`
  if (seconds < 2 * HOUR) return `${Math.round(seconds / MINUTE)} min`
  if (seconds < 2 * DAY) return `${Math.round(seconds / HOUR)} h`
  return `${Math.round(seconds / DAY)} days`
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Thousands, as disks are sold in: `12.3 GB`. */
export function bytesInWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}

/** `1 event`, `3 events`. */
export function countInWords(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

const NAMED_MAX = 5

/** `a, b and 3 more`. */
export function listInWords(names: readonly string[]): string {
  const more = names.length - NAMED_MAX
  const named = more > 0 ? names.slice(0, NAMED_MAX) : names
  return more > 0 ? `${named.join(', ')} and ${more} more` : named.join(', ')
}
