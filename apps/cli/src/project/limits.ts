import type { Settings } from '@rumen/config/read-settings'
import { type ProjectLimits, setLimits } from '@rumen/db/project/set-limits'
import { readQuota, readRate } from '../read-limit.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

const OPTIONS = {
  rate: { type: 'string' },
  'per-minute': { type: 'string' },
  'per-hour': { type: 'string' },
  'per-month': { type: 'string' },
  json: { type: 'boolean' },
} as const

/** `rumen project limits ID [--rate N|none] [--per-minute N|none] [--per-hour N|none] [--per-month N|none] [--json]` */
export async function limitProjectCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ID', OPTIONS)
  const projectId = readProjectId(word)
  const given = {
    ...(options.rate !== undefined && { ratePerSec: readRate('--rate', options.rate) }),
    ...quota(options, 'per-minute', 'quotaPerMinute'),
    ...quota(options, 'per-hour', 'quotaPerHour'),
    ...quota(options, 'per-month', 'quotaPerMonth'),
  }
  const limits = await withDatabase(settings, (db) => setLimits(db, projectId, given))
  if (!limits) throw unknownProject(projectId)
  console.log(options.json ? JSON.stringify(inJson(limits)) : inWords(limits))
}

type QuotaOption = 'per-minute' | 'per-hour' | 'per-month'

function quota(
  options: Readonly<Partial<Record<QuotaOption, string | undefined>>>,
  option: QuotaOption,
  limit: keyof ProjectLimits,
): Partial<ProjectLimits> {
  const text = options[option]
  return text === undefined ? {} : { [limit]: readQuota(`--${option}`, text) }
}

function inJson({ ratePerSec, quotaPerMinute, quotaPerHour, quotaPerMonth }: ProjectLimits) {
  return { rate_per_sec: ratePerSec, per_minute: quotaPerMinute, per_hour: quotaPerHour, per_month: quotaPerMonth }
}

function inWords({ ratePerSec, quotaPerMinute, quotaPerHour, quotaPerMonth }: ProjectLimits): string {
  const rate = ratePerSec === null ? 'as RATE_LIMIT_PER_PROJECT_PER_SEC says' : ratePerSec || 'no limit'
  const lines = {
    'requests a second': rate,
    'events a minute': quotaPerMinute ?? 'as many as come',
    'events an hour': quotaPerHour ?? 'as many as come',
    'events a month': quotaPerMonth ?? 'as many as come',
  }
  return Object.entries(lines)
    .map(([what, most]) => `${what}\t${most}`)
    .join('\n')
}
