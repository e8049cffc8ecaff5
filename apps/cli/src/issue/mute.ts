import type { Settings } from '@rumen/config/read-settings'
import { muteIssue } from '@rumen/db/issue/mute-issue'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readIssueName, withIssue, wordsOf } from './named.ts'

const OPTIONS = { until: { type: 'string' }, for: { type: 'string' }, events: { type: 'string' } } as const

/** `rumen issue mute ISSUE [--until TIME|--for DURATION] [--events N]`: until either, or for good. */
export async function muteIssueCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ISSUE', OPTIONS)
  const name = readIssueName(word)
  const now = new Date()
  const until = readEnd(options, now)
  const forEvents = options.events === undefined ? null : readEvents(options.events)
  const muted = await withIssue(settings, name, (db, address) => muteIssue(db, { ...address, until, forEvents, now }))
  const ends = [
    ...(until === null ? [] : [`until ${until.toISOString()}`]),
    ...(forEvents === null ? [] : [`for ${forEvents} more events`]),
  ]
  const how = ends.length === 0 ? 'for good' : ends.join(' or ')
  console.log(`${wordsOf(name)} ${muted === 'changed' ? 'is' : 'was already'} muted ${how}.`)
}

function readEnd(options: { until?: string | undefined; for?: string | undefined }, now: Date): Date | null {
  if (options.until !== undefined && options.for !== undefined) throw new CommandError('either --until or --for')
  if (options.until !== undefined) return readMoment(options.until, now)
  return options.for === undefined ? null : new Date(now.getTime() + readDuration(options.for))
}

/** ISO 8601 with a date; UTC unless it names its zone: the prompt's own may not be the reader's. */
function readMoment(text: string, now: Date): Date {
  const [, day, time, zone] =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?)(Z|[+-]\d\d:\d\d)?)?$/i.exec(text) ?? []
  const moment = new Date(`${day}T${time ?? '00:00'}${zone ?? 'Z'}`)
  if (Number.isNaN(moment.getTime())) throw new CommandError('--until is a time like 2030-01-31 or 2030-01-31T08:00Z')
  if (moment <= now) throw new CommandError(`--until is over: ${moment.toISOString()}`)
  return moment
}

const MINUTE = 60_000
const UNITS: ReadonlyMap<string, number> = new Map([
  ['m', MINUTE],
  ['h', 60 * MINUTE],
  ['d', 24 * 60 * MINUTE],
  ['w', 7 * 24 * 60 * MINUTE],
])

function readDuration(text: string): number {
  const [, count, unit = ''] = /^([1-9]\d{0,3})([mhdw])$/.exec(text) ?? []
  const ms = Number(count) * (UNITS.get(unit) ?? Number.NaN)
  if (Number.isNaN(ms)) throw new CommandError('--for is a number of minutes, hours, days or weeks: 30m, 12h, 7d, 2w')
  return ms
}

function readEvents(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (count === 0) throw new CommandError('--events is a whole number from 1 to 999999999')
  return count
}
