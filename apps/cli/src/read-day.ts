import type { Day } from '@rumen/db/partition/day'
import { CommandError } from './command-error.ts'

/** A UTC day of an option; null where it was not given. */
export function readDay(text: string | undefined, option: string): Day | null {
  if (text === undefined) return null
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  if (moment?.toJSON()?.startsWith(text)) return text
  throw new CommandError(`${option} is a UTC day like 2030-01-31`)
}
