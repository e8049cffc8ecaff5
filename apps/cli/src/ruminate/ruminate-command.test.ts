import { readSettings, type Settings } from '@rumen/config/read-settings'
import { connect } from '@rumen/db/connect'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseRules } from '@rumen/grouping/rules/parse-rules'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'
import { regroup } from './regroup.ts'
import { emptyTally } from './tally.ts'

let database: DatabaseClone
let settings: Settings
let project: NewProject

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  const { db, sql, close } = connect(database.url, { poolSize: 1, name: 'test' })
  project = await createProject(db, { name: 'Shop' })
  const newer = await createProject(db, { name: 'Newer' })
  await sql`UPDATE grouping_config SET mechanism = 'v9' WHERE project_id = ${newer.id}`
  await close()
})

afterAll(() => database.drop())

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

test('a project nothing has come to yet has nothing to preview and nothing to ruminate', async () => {
  const nothing = [
    '0 events read.',
    '0 keys, 0 of them new.',
    '0 issues merge, 0 split, 0 are by themselves again, 0 stay as they are.',
  ]
  expect((await rumen(`group preview --project ${project.id} --strategy transaction`)).split('\n')).toEqual(nothing)
  expect((await rumen(`ruminate --project ${project.id} --since 2026-01-31 --dry-run`)).split('\n')).toEqual([
    ...nothing,
    'Would be:',
    '0 archives digested again.',
  ])
  expect(await rumen(`ruminate --project ${project.id} --yes`)).toBe(
    '0 events read, 0 moved.\n0 issues merged, 0 begun, 0 by themselves again.\n0 archives digested again.',
  )
})

test('what is done and what would be is told as JSON, too', async () => {
  const nothing = { events: 0, gone: 0, beyond: 0, unread: 0, merges: [], splits: [], unmerges: [] }
  const preview = JSON.parse(await rumen(`ruminate --project ${project.id} --dry-run --json`))
  expect(preview).toEqual({
    ...nothing,
    keys: { known: 0, novel: 0 },
    issues: { merged: 0, split: 0, unmerged: 0, unchanged: 0 },
    ...{ titles: [], examples: [], rewritten: emptyTally() },
  })
  const result = JSON.parse(await rumen(`ruminate --project ${project.id} --yes --json`))
  expect(result).toEqual({ ...nothing, moved: 0, rewritten: emptyTally() })
})

test('rules that changed while events were read are not applied', async () => {
  const { db, close } = connect(database.url, { poolSize: 1, name: 'test' })
  const config = { mechanism: 'v1', strategy: 'stack', rules: parseRules('') } as const
  const read = { projectId: project.id, version: 7, config, limits: settings, former: [] } as const
  const all = { since: null, until: null, groupingIds: null }
  await expect(regroup(db, { ...read, ...all })).rejects.toThrow(
    new CommandError('the rules were changed meanwhile: run it again'),
  )
  await close()
})

test.for([
  ['ruminate', 'which project? --project ID, as `rumen project list` prints it'],
  ['ruminate --project 1', 'issues will split and merge: see --dry-run, and add --yes if that is meant'],
  ['ruminate --project 999999 --yes', 'there is no project 999999'],
  ['ruminate --project 2 --yes', 'project 2 is grouped by rules of a newer version of Rumen'],
  ['ruminate --project 1 --since 2026-02-31 --yes', '--since is a day like 2026-01-31'],
  ['ruminate --project 1 --since today --yes', '--since is a day like 2026-01-31'],
  ['ruminate --project 1 --until 2026-13-01 --yes', '--until is a day like 2026-01-31'],
  ['ruminate --project 1 --since 2026-02-01 --until 2026-01-31 --yes', '--since is later than --until'],
  ['ruminate --all --project 1 --yes', '--all is all projects: leave out --project and --issue, or --all'],
  ['ruminate --issue shop-1 --project 1 --yes', 'an issue names its project: leave out --project'],
  ['ruminate --issue shop-1 --yes', 'there is no issue shop-1'],
  ['ruminate --issue shop --yes', 'an issue is named PROJECT-NUMBER, as in shop-12'],
  ['group preview --project 999999', 'there is no project 999999'],
  ['group preview --project 1 --days 0', '--days is a whole number from 1 to 3650'],
  ['group preview --project 1 --days many', '--days is a whole number from 1 to 3650'],
  ['group preview --project 1 --strategy luck', 'no such mechanism or strategy, or one of a newer version of Rumen'],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
})
