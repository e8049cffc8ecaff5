import type { Settings } from '@rumen/config/read-settings'
import type { Db } from '@rumen/db/connect'
import { findIssue } from '@rumen/db/issue/find-issue'
import { findSurvivor } from '@rumen/db/issue/find-survivor'
import type { IssueAddress } from '@rumen/db/issue/hold-issue'
import { CommandError } from '../command-error.ts'
import { withDatabase } from '../with-database.ts'

/** An issue as people speak of it. */
export interface IssueName {
  slug: string
  number: number
}

/** `shop-12`: the project's slug, which may have dashes and digits of its own, and the issue's number. */
export function readIssueName(text: string): IssueName {
  const [, slug, number] = /^([a-z0-9-]{1,64})-(\d{1,15})$/i.exec(text) ?? []
  if (slug === undefined) throw new CommandError('an issue is named PROJECT-NUMBER, as in shop-12')
  return { slug: slug.toLowerCase(), number: Number(number) }
}

/** Does something with the issue of this name; `merged` is what is done to the issue it leads to only. */
export async function withIssue<Result>(
  settings: Settings,
  name: IssueName,
  use: (db: Db, address: IssueAddress) => Promise<Result | 'unknown_issue' | 'merged'>,
): Promise<Result> {
  return await withDatabase(settings, async (db) => {
    const address = await addressOf(db, name)
    const result = await use(db, address)
    if (result === 'unknown_issue') throw new CommandError(`there is no issue ${wordsOf(name)}`)
    if (result !== 'merged') return result
    const survivor = await findSurvivor(db, address)
    throw new CommandError(mergedInWords(name, survivor?.number ?? name.number))
  })
}

/** The issue of this name. */
export async function addressOf(db: Db, name: IssueName): Promise<IssueAddress> {
  const address = await findIssue(db, name)
  if (address === null) throw new CommandError(`there is no issue ${wordsOf(name)}`)
  return address
}

/** What to do about an issue that leads to the one of this number. */
export function mergedInWords(name: IssueName, into: number): string {
  return `${wordsOf(name)} is merged into ${wordsOf({ ...name, number: into })}: name that, or unmerge it first`
}

export function wordsOf({ slug, number }: IssueName): string {
  return `${slug}-${number}`
}
