import type { Connection } from '@rumen/db/connect'
import { listDays } from '@rumen/db/partition/list-days'
import { beginErasure } from '@rumen/db/person/begin-erasure'
import { eraseArchives } from '@rumen/db/person/erase-archives'
import { eraseReports } from '@rumen/db/person/erase-reports'
import { eraseSessions } from '@rumen/db/person/erase-sessions'
import { eraseTexts, eraseUsers, finishErasure } from '@rumen/db/person/erase-texts'
import { findFeedback } from '@rumen/db/person/find-feedback'
import { userIdsOf } from '@rumen/db/person/user-ids'
import { waitForClaims } from '@rumen/db/person/wait-for-claims'
import { findTheirs, type TheirsQuestion } from './find-theirs.ts'

/**
 * Erases a person from a project: what was received, in the queue too, then what was made of it, then the names. The
 * database's own clock says what counts as received before. Whoever is killed goes on by beginning again: what is erased
 * stays so, and the receipt keeps its counts. Gives the receipt's number.
 *
 * Others' data stays: counts lose this person's part, and no more.
 */
export async function erasePerson(connection: Connection, question: TheirsQuestion): Promise<number> {
  const { db } = connection
  const { person } = question
  const erasure = await beginErasure(db, person)
  for await (const theirs of findTheirs(connection, question)) await eraseArchives(db, erasure, theirs)
  await eraseArchives(db, erasure, await findFeedback(db, person))
  // What a worker had read before is written by then, and nobody reads it again.
  await waitForClaims(db, person.projectId)
  const newUserIds = await userIdsOf(db, person)
  for (const { table, day, isAttached } of await listDays(db)) {
    if (table === 'report' && isAttached) await eraseReports(db, erasure, { day, newUserIds })
  }
  await eraseSessions(db, erasure)
  await eraseTexts(db, erasure)
  await eraseUsers(db, erasure)
  await finishErasure(db, erasure)
  return erasure.id
}
