import { archiveDays } from '@rumen/db/archive/archive-days'
import { pageArchives, type StoredArchive } from '@rumen/db/archive/page-archives'
import type { Connection } from '@rumen/db/connect'
import type { Person } from '@rumen/db/person/person'
import { readKeepers, type StoredKeeper } from '@rumen/db/person/read-keepers'
import type { DigestLimits } from '@rumen/digest/digest-archive'
import { namesPerson } from '@rumen/digest/names-person'

export interface TheirsQuestion {
  person: Person
  limits: DigestLimits
  /** Of all archives, the part that has been looked at. */
  onRead: (fraction: number, read: number) => void
}

/**
 * What was received that is about a person, of all a project has: every archive is read, whatever was made of it, because
 * some of it left no row. Page by page, in the order of receipt; keepers come last.
 */
export async function* findTheirs(
  connection: Connection,
  { person, limits, onRead }: TheirsQuestion,
): AsyncGenerator<readonly (StoredArchive | StoredKeeper)[], void> {
  const { projectId, names } = person
  const days = await archiveDays(connection.db, { since: null, until: null })
  let before = 0
  for (const [at, day] of days.entries()) {
    let count = 0
    for await (const page of pageArchives(connection, { day, projectIds: [projectId], after: null })) {
      count = page.count
      onRead((at + page.read / page.count) / days.length, before + page.read)
      yield page.archives.filter((archive) => namesPerson(archive, names, limits))
    }
    before += count
  }
  for await (const keepers of readKeepers(connection.db, projectId)) {
    yield keepers.filter((keeper) => namesPerson(keeper, names, limits))
  }
}
