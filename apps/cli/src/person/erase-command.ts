import type { Settings } from '@rumen/config/read-settings'
import type { Connection } from '@rumen/db/connect'
import { findPerson } from '@rumen/db/person/find-person'
import { listReceipts, type Receipt } from '@rumen/db/person/list-receipts'
import { subjectHash, type Way } from '@rumen/db/person/person'
import { whileErasing } from '@rumen/db/person/while-erasing'
import { readRefusals } from '@rumen/db/where/read-refusals'
import type { ProjectId } from '@rumen/protocol/brand'
import { CommandError } from '../command-error.ts'
import { progressBar } from '../progress-bar.ts'
import { readWordAndOptions } from '../read-options.ts'
import { erasePerson } from './erase-person.ts'
import { projectsOf, readWay, SCOPE_OPTIONS, withConnection } from './read-person.ts'
import { describeReceipt, receiptInWords } from './receipt.ts'

interface Erased {
  by: Way
  isKnown: boolean
  receipt: Receipt
  /** Requests gateways still have in their spools. */
  spooled: number
}

/** `rumen person erase USER --project ID|--all [--by id|email|username|ip] --yes [--json]`: one receipt for each project. */
export async function erasePersonCommand(rest: readonly string[], settings: Settings): Promise<void> {
  const { word: name, options } = readWordAndOptions(rest, 'USER', {
    ...SCOPE_OPTIONS,
    yes: { type: 'boolean' },
    json: { type: 'boolean' },
  })
  const by = readWay(options.by)
  if (!options.yes) throw new CommandError('what is erased is gone for good: add --yes if that is meant')
  const erased = await withConnection(settings, async (connection) => {
    const all: Erased[] = []
    for (const projectId of await projectsOf(connection.db, options)) {
      const one = await whileErasing(connection.sql, projectId, () =>
        erase(connection, { projectId, name, by, settings }),
      )
      if (one === null)
        throw new CommandError(
          `project ${projectId} is being ruminated, or somebody is being erased from it, just now: try again`,
        )
      all.push(one)
    }
    return all
  })
  if (options.json) console.log(JSON.stringify(erased.map(describeErased)))
  else for (const one of erased) console.log(erasedInWords(one))
}

async function erase(
  connection: Connection,
  { projectId, name, by, settings }: { projectId: ProjectId; name: string; by: Way | null; settings: Settings },
): Promise<Erased> {
  const { db } = connection
  const { isKnown, person } = await findPerson(db, { projectId, name, by })
  const bar = progressBar()
  const onRead = (fraction: number, read: number) => bar.show(fraction, `${read} archives read`)
  const id = await erasePerson(connection, { person, limits: settings, onRead }).finally(bar.end)
  const receipt = (await listReceipts(db, { projectId, ids: [id] }))[0]
  if (receipt?.subjectHash !== subjectHash(projectId, name)) throw new Error('the receipt is gone')
  const { spooled } = await db.transaction((tx) => readRefusals(tx, { projectId, hours: 1 }))
  return { by: person.by, isKnown, receipt, spooled }
}

function describeErased({ by, isKnown, receipt, spooled }: Erased) {
  return { matched_by: by, known: isKnown, ...describeReceipt(receipt), spooled }
}

function erasedInWords({ by, isKnown, receipt, spooled }: Erased): string {
  const found = isKnown ? `matched by ${by}` : `no event names anybody so; looked for by ${by}`
  const later = spooled > 0 ? `\n${spooled} requests wait in spools of gateways: erase again when they are in` : ''
  return `${receiptInWords(receipt)}\t${found}${later}`
}
