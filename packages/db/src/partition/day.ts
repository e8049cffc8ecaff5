/** A UTC day as PostgreSQL writes a date: `2026-11-21`. */
export type Day = string

const DAY_MS = 24 * 60 * 60 * 1000

export function dayOf(moment: Date): Day {
  return moment.toISOString().slice(0, 10)
}

/** The day `days` later, or earlier when negative. */
export function addDays(day: Day, days: number): Day {
  return dayOf(new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS))
}
