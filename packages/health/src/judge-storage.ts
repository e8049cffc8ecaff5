import type { DiskForecast } from '@rumen/db/disk/forecast-disk'
import { forecastInWords } from '@rumen/db/disk/forecast-in-words'
import { dayOf } from '@rumen/db/partition/day'
import type { LargeDrop } from '@rumen/db/retention/large-drop'
import { type Check, unknown, well } from './check.ts'
import { bytesInWords, secondsInWords } from './in-words.ts'

/** Fewer days ahead than that, and whoever makes partitions has not done so for eleven days. */
const DAYS_AHEAD_MIN = 3

/** Whether there are days to write to, and none go that somebody may want. */
export function judgePartitions(daysAhead: number | null, largeDrop: LargeDrop | null): Check {
  if (daysAhead === null) return unknown('the partitions')
  const figures = { days_ahead: daysAhead }
  if (daysAhead >= DAYS_AHEAD_MIN) return largeDrop === null ? well(figures) : judgeLargeDrop(figures, largeDrop)
  const message =
    daysAhead < 0 ? 'there is no partition for today: nothing can be stored' : `partitions end in ${daysAhead} days`
  return { status: 'failing', message, advice: 'run rumen migrate; then see in the logs why none were made', figures }
}

function judgeLargeDrop(figures: Check['figures'], { days, newestDay, dueAt }: LargeDrop): Check {
  const due = dueAt.toISOString()
  return {
    status: 'degraded',
    message: `${days} days up to ${newestDay} will be dropped at once, from ${due} on`,
    advice: 'a retention got shorter, or a clock is wrong: put it right to keep them, or rumen retention apply --yes',
    figures: { ...figures, overdue_days: days, overdue_until: newestDay, dropped_from: due },
  }
}

/** Full within so many days: somebody has to act this week, or should plan to. */
const FULL_DAYS_FAILING = 7
const FULL_DAYS_DEGRADED = 30
/** Of the disk: PostgreSQL stops when none is left. */
const FREE_SHARE_MIN = 0.05
/** A worker measures it every hour. */
const MEASURED_HOURS_MAX = 3

/** Whether the database's disk will be full. */
export function judgeDisk({ forecast }: { forecast: DiskForecast | null }, now: Date): Check {
  if (!forecast)
    return { ...unknown('the disk'), advice: 'a worker measures it soon after its start: see that one runs' }
  const { databaseBytes, freeBytes, capacityBytes, bytesPerDay, fullOn, measuredAt } = forecast
  const days = fullInDays(forecast, now)
  const figures = {
    database_bytes: databaseBytes,
    free_bytes: freeBytes,
    bytes_per_day: bytesPerDay,
    full_on: fullOn,
    full_in_days: days,
  }
  const measuredHours = (now.getTime() - measuredAt.getTime()) / HOUR_MS
  if (measuredHours > MEASURED_HOURS_MAX) {
    const message = `the disk was last measured ${secondsInWords(measuredHours * 3600)} ago`
    return { status: 'unknown', message, advice: 'a worker measures it every hour: see that one runs', figures }
  }
  if (freeBytes === null) {
    const message = "nobody can tell how large the database's disk is"
    return { status: 'off', message, advice: 'set DATABASE_DISK_BYTES to have it watched', figures }
  }
  const isNearlyFull = capacityBytes !== null && freeBytes < capacityBytes * FREE_SHARE_MIN
  if (!isNearlyFull && (days === null || days > FULL_DAYS_DEGRADED)) return well(figures)
  const status = isNearlyFull || (days !== null && days <= FULL_DAYS_FAILING) ? 'failing' : 'degraded'
  const message = `${bytesInWords(freeBytes)} of the database's disk are left`
  const advice = fullOn === null ? 'give it more disk, or keep less: RETENTION_DAYS' : forecastInWords(forecast)
  return { status, message, advice, figures }
}

/** Null: not within sight. */
export function fullInDays({ fullOn }: Pick<DiskForecast, 'fullOn'>, now: Date): number | null {
  return fullOn === null ? null : Math.max(0, Math.round((Date.parse(fullOn) - Date.parse(dayOf(now))) / DAY_MS))
}

const HOUR_MS = 60 * 60 * 1000
const DAY_MS = 24 * HOUR_MS
