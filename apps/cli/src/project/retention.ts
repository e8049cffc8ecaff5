import type { Settings } from '@rumen/config/read-settings'
import { retentionOf } from '@rumen/config/retention-of'
import { setRetention } from '@rumen/db/project/set-retention'
import { CommandError } from '../command-error.ts'
import { readWordAndOptions } from '../read-options.ts'
import { readProjectId, unknownProject } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen project retention ID --days N|none [--json]` */
export async function retainProjectCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word, options } = readWordAndOptions(rest, 'ID', { days: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = readProjectId(word)
  const { reportDays } = retentionOf(settings)
  const days = readDays(options.days, reportDays)
  const set = await withDatabase(settings, (db) => setRetention(db, projectId, days))
  if (set === 'unknown_project') throw unknownProject(projectId)
  if (options.json) console.log(JSON.stringify({ project_id: projectId, days, effective_days: days ?? reportDays }))
  else console.log(inWords(projectId, { days, reportDays }))
}

function readDays(text: string | undefined, daysMax: number): number | null {
  if (text === undefined) throw new CommandError('how many days? --days N, or --days none for as long as all others')
  if (text === 'none') return null
  const days = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days === 0) throw new CommandError(`--days must be a whole number of days from 1 on, or none, not ${text}`)
  if (days <= daysMax) return days
  throw new CommandError(
    `no project keeps its events longer than all others: --days is at most ${daysMax}, which RETENTION_DAYS says`,
  )
}

function inWords(projectId: string, { days, reportDays }: { days: number | null; reportDays: number }): string {
  if (days === null) return `Project ${projectId} keeps its events as long as all others: ${inDays(reportDays)}.`
  return `Project ${projectId} keeps its events for ${inDays(days)}; older ones are shown no more, and deleted within the hour.`
}

function inDays(days: number): string {
  return days === 1 ? '1 day' : `${days} days`
}
