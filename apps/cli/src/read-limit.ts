import { CommandError } from './command-error.ts'

/** What columns and gateways count with. */
const RATE_MAX = 2 ** 31 - 1

/** Requests a second: a whole number, 0 for no limit at all, `none` (null) for no limit of its own: the settings' holds. */
export function readRate(option: string, text: string): number | null {
  return readLimit(option, text, { min: 0, max: RATE_MAX })
}

/** Requests in a period: a whole number from 1, `none` (null) for as many as come. */
export function readQuota(option: string, text: string): number | null {
  return readLimit(option, text, { min: 1, max: Number.MAX_SAFE_INTEGER })
}

function readLimit(option: string, text: string, { min, max }: { min: number; max: number }): number | null {
  if (text === 'none') return null
  const limit = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
  if (limit >= min && limit <= max) return limit
  throw new CommandError(`${option} is a whole number from ${min} to ${max}, or none`)
}
