import { LineFault } from './archive/line-fault.ts'

const MOMENT = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))? ?(Z|UTC|[+-]\d{2}:?\d{2})?$/i
const ZONE = /^([+-]\d{2}):?(\d{2})$/

/**
 * A moment as RFC 3339 or SQL writes it, in UTC where no zone is said; `text` is it in UTC with microseconds. Throws LineFault for
 * anything else.
 */
export function readMoment(value: unknown): { at: Date; text: string } {
  const [, day = '', time = '', fraction = '', zone = 'Z'] = typeof value === 'string' ? (MOMENT.exec(value) ?? []) : []
  const [, hours, minutes] = ZONE.exec(zone) ?? []
  const whole = new Date(`${day}T${time}${hours === undefined ? 'Z' : `${hours}:${minutes}`}`)
  // A 31st of February would be one of March.
  const isDay = new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true
  if (day === '' || !isDay || Number.isNaN(whole.getTime())) throw new LineFault('the time of receipt is none')
  const text = `${whole.toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`
  return { at: new Date(`${text.slice(0, 23)}Z`), text }
}
