import type { Settings } from '@rumen/config/read-settings'
import { confirmLargeDrop } from '@rumen/db/retention/large-drop'
import { CommandError } from '../command-error.ts'
import { readOptions } from '../read-options.ts'
import { withDatabase } from '../with-database.ts'

/** `rumen retention apply --yes [--json]` */
export async function applyRetentionCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { yes, json } = readOptions(rest, { yes: { type: 'boolean' }, json: { type: 'boolean' } })
  if (!yes) throw new CommandError('the days that are due go for good: see rumen status, then add --yes')
  const drop = await withDatabase(settings, (db) => confirmLargeDrop(db, new Date()))
  if (json) console.log(JSON.stringify({ days: drop?.days ?? 0, newest_day: drop?.newestDay ?? null }))
  else if (drop === null) console.log('No days wait to be dropped.')
  else
    console.log(
      `${drop.days} days up to ${drop.newestDay} go within the hour, or when a worker starts; the ledger's at night.`,
    )
}
