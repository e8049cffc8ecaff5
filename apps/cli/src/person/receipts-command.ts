import type { Settings } from '@rumen/config/read-settings'
import { listReceipts } from '@rumen/db/person/list-receipts'
import { readOptions } from '../read-options.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'
import { describeReceipt, receiptInWords } from './receipt.ts'

/** `rumen person receipts [--project ID] [--json]`: that people were erased, when, and how much of what; never who. */
export async function listReceiptsCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { project, json } = readOptions(rest, { project: { type: 'string' }, json: { type: 'boolean' } })
  const projectId = project === undefined ? null : readProjectId(project)
  const receipts = await withDatabase(settings, (db) => listReceipts(db, { projectId, ids: null }))
  if (json) console.log(JSON.stringify(receipts.map(describeReceipt)))
  else for (const receipt of receipts) console.log(receiptInWords(receipt))
}
