import { forecastInWords } from '@rumen/db/disk/forecast-in-words'
import type { Check, CheckStatus } from '@rumen/health/check'
import { bytesInWords, countInWords, secondsInWords } from '@rumen/health/in-words'
import { nameOf } from '@rumen/health/judge-processes'
import packageJson from '../../package.json' with { type: 'json' }
import { onOneLine } from '../on-one-line.ts'
import type { Seen, Status } from './report.ts'

/** What `rumen status` prints, line by line: first how it is, then what is wrong and what to do, then the numbers. */
export function statusInWords({ status, checks, seen }: Status, now: Date): readonly string[] {
  return [
    headline(status, checks),
    '',
    ...Object.entries(checks).flatMap(([name, check]) => linesOf(name, check)),
    ...(seen ? ['', ...numbersOf(seen, now)] : []),
  ]
}

function headline(status: Status['status'], checks: Status['checks']): string {
  const names = (wanted: CheckStatus) =>
    Object.entries(checks)
      .filter(([, check]) => check.status === wanted)
      .map(([name]) => name.replace('_', ' '))
  if (status === 'failing') return `Rumen needs you: ${names('failing').join(', ')}`
  if (status === 'ok') return 'Rumen is well'
  return `Rumen works, with something to look at: ${[...names('degraded'), ...names('unknown')].join(', ')}`
}

const NAME_WIDTH = 14
const STATUS_WIDTH = 10

function linesOf(name: string, { status, message, advice }: Check): readonly string[] {
  const shown = status === 'failing' ? 'FAILING' : status
  const first = `  ${name.replace('_', ' ').padEnd(NAME_WIDTH)}${shown.padEnd(STATUS_WIDTH)}${message ?? ''}`.trimEnd()
  return advice === null ? [first] : [first, `${' '.repeat(2 + NAME_WIDTH + STATUS_WIDTH)}→ ${advice}`]
}

function numbersOf(seen: Seen, now: Date): readonly string[] {
  const { queue, queues, acceptedPerSecond, digestedPerSecond, disk, daysAhead } = seen
  const rates = `${acceptedPerSecond.toFixed(1)} a second accepted, ${digestedPerSecond.toFixed(1)} digested`
  const versions = `Rumen ${packageJson.version} (this command), PostgreSQL ${onOneLine(seen.databaseVersion)}`
  return [
    ...seen.processes.map((process) => processInWords(process, now)),
    ...(seen.processes.length > 0 ? [''] : []),
    ...queues.map(({ name, waiting, active, oldestSeconds }) => {
      const oldest = waiting === 0 ? '' : `, the oldest for ${secondsInWords(oldestSeconds)}`
      return `  queue ${name}: ${countInWords(waiting, 'request')} waiting${oldest}; ${active} in hand`
    }),
    `  given up: ${queue.dead}`,
    `  last minute: ${rates}${visibleInWords(seen)}`,
    `  database: ${disk ? `${bytesInWords(disk.databaseBytes)}, ${diskInWords(disk)}` : 'not measured yet'}`,
    `  partitions: ${daysAhead === null ? 'unknown' : `made for ${countInWords(daysAhead, 'day')} ahead`}`,
    `  versions: ${versions}`,
  ]
}

function diskInWords(disk: NonNullable<Seen['disk']>): string {
  return `${bytesInWords(disk.bytesPerDay)} a day; ${forecastInWords(disk)}`
}

function processInWords(process: Seen['processes'][number], now: Date): string {
  const up = secondsInWords((now.getTime() - process.startedAt.getTime()) / 1000)
  const heard = secondsInWords(process.silentSeconds)
  const busy = process.busySeconds === null ? '' : `, at its batch for ${secondsInWords(process.busySeconds)}`
  return [
    `  ${process.role} ${nameOf(process)}`,
    `${onOneLine(process.version)}, up ${up}, heard of ${heard} ago, ${process.health}`,
    `${process.perSecond.toFixed(1)} a second${busy}`,
  ].join('  ')
}

function visibleInWords({ visibleMedianMs, visibleSlowMs }: Seen): string {
  if (visibleMedianMs === null || visibleSlowMs === null) return ''
  return `; visible after ${visibleMedianMs} ms (median), ${visibleSlowMs} ms (99 of 100)`
}
