import type { Settings } from '@rumen/config/read-settings'
import type { Tx } from '@rumen/db/connect'
import { type DeadJob, lockDead } from '@rumen/db/dead/list-dead'
import type { ProjectId } from '@rumen/protocol/brand'
import { DEAD_QUEUE } from '@rumen/queue/digest-queue'
import { type DeadLetters, openDeadLetters } from '@rumen/queue/open-dead-letters'
import { CommandError } from '../command-error.ts'
import { readProjectId } from '../read-project-id.ts'
import { withDatabase } from '../with-database.ts'

/** Which dead jobs a command is about; null is any. */
export interface DeadChoice {
  ids: readonly string[] | null
  projectId: ProjectId | null
}

/** Does it to some of them within the transaction that holds them, and gives how many it was done to. */
export type DeadAct = (tx: Tx, jobs: readonly DeadJob[], letters: DeadLetters) => Promise<number>

const CHUNK = 500
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** `ID…`, or `--all`, of one project where `--project` names it. */
export function readDeadChoice(
  words: readonly string[],
  { all = false, project }: { all?: boolean | undefined; project?: string | undefined },
): DeadChoice {
  if (words.length > 0 === all)
    throw new CommandError('which jobs? their IDs, as `rumen dead list` prints them, or --all')
  const ids = words.map((word) => word.toLowerCase())
  const wrong = ids.find((id) => !UUID.test(id))
  if (wrong !== undefined) throw new CommandError(`not a job's ID: ${wrong}`)
  return { ids: all ? null : ids, projectId: project === undefined ? null : readProjectId(project) }
}

/**
 * Does something with the chosen jobs, chunk by chunk, each in a transaction of its own: whoever is killed in the middle
 * has done some of them wholly and the others not at all. Gives the sum of what `act` gives.
 */
export async function eachDead(settings: Settings, choice: DeadChoice, act: DeadAct): Promise<number> {
  return await withDatabase(settings, async (db) => {
    const letters = await openDeadLetters(db, (error) => console.error(`rumen: ${error.message}`))
    try {
      let [sum, after]: [number, DeadJob | null] = [0, null]
      for (;;) {
        const filter = { queue: DEAD_QUEUE, ...choice, after, countMax: CHUNK }
        const done = await db.transaction(async (tx) => {
          const jobs = await lockDead(tx, filter)
          return { last: jobs.at(-1), count: jobs.length > 0 ? await act(tx, jobs, letters) : 0 }
        })
        if (done.last === undefined) return sum
        sum += done.count
        after = done.last
      }
    } finally {
      await letters.close()
    }
  })
}
