import { readSettings, type Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { createIssues } from '@rumen/db/issue/create-issues'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const AT = '2026-11-21T12:00:00.000Z'

let database: DatabaseClone
let connection: Connection
let settings: Settings
let project: NewProject
const groupingIds: number[] = []

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  project = await createProject(connection.db, { name: 'Shop' })
  for (let n = 1; n <= 9; n++) groupingIds.push(await makeIssue(project, n))
  await makeIssue(await createProject(connection.db, { name: 'Till' }), 1)
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

/** An issue with `n` events of one user, the same for all of them. */
async function makeIssue({ id }: NewProject, n: number): Promise<number> {
  const { sql, db } = connection
  const described = { title: `Error ${n}`, culprit: 'main', type: 'Error', value: null, level: 3 }
  const grouped = {
    key_hash: `\\x${n}0`,
    former_key_hash: null,
    mechanism: 'v1',
    key: `key\n${n}`,
    parts: [`part ${n}`],
  }
  const [grouping = 0] = (
    await createIssues(db, [{ project_id: id, ...grouped, ...described, seen_at: new Date(AT) }])
  ).values()
  await sql`UPDATE issue SET event_count = ${n}, user_count = 1 WHERE project_id = ${id} AND number = ${n}`
  await sql`
    UPDATE grouping SET event_count = ${n}, level = 3, first_seen = ${AT}, last_seen = ${AT} WHERE id = ${grouping}`
  await sql`INSERT INTO issue_user VALUES (${id}, ${grouping}, 1, current_date)`
  await sql`INSERT INTO issue_tag VALUES (${id}, ${grouping}, 'os', 'Linux', ${n})`
  return grouping
}

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((text) => printed.push(text))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

async function shown(name: string) {
  return JSON.parse(await rumen(`issue show ${name} --json`))
}

test('issues are merged, the one they lead to is shown for them, and are unmerged', async () => {
  expect(await rumen('issue merge shop-2 shop-3 --into SHOP-1')).toBe('shop-2, shop-3 are merged into shop-1.')
  const lines = (await rumen('issue show shop-1')).split('\n')
  expect(lines).toContain('events\t6')
  expect(lines).toContain('users\t1')
  expect(lines).toContain('merged\tshop-2, shop-3')
  expect(lines).toContain('tag os\tLinux (6)')
  expect(lines).toContain(`grouping ${groupingIds[2]}\t3 events\t${AT} to ${AT}\tv1\tkey 3`)
  expect((await rumen('issue show shop-3')).split('\n')).toEqual(['shop-3 is merged into shop-1:', ...lines])
  expect(await shown('shop-2')).toMatchObject({
    issue: 'shop-1',
    merged: ['shop-2', 'shop-3'],
    groupings: [3, 2, 1].map((n) => ({
      ...{ id: groupingIds[n - 1], event_count: n, first_seen: AT, last_seen: AT, mechanism: 'v1' },
      ...{ key: `key\n${n}`, parts: [`part ${n}`], adopted_from: null },
    })),
  })
  expect(await rumen('issue merge shop-1 --into shop-4')).toBe('shop-1 is merged into shop-4.')
  expect(await rumen('issue show shop-3')).toContain('shop-3 is merged into shop-4:\n')
  expect(await rumen('issue unmerge shop-3')).toBe('shop-3 is by itself again, no part of shop-4 any more.')
  expect(await shown('shop-3')).toMatchObject({ issue: 'shop-3', event_count: 3, user_count: 1, merged: [] })
  expect(await shown('shop-4')).toMatchObject({ event_count: 7, merged: ['shop-1', 'shop-2'] })
})

test('a grouping is split off as an issue of its own', async () => {
  await rumen('issue merge shop-6 --into shop-5')
  expect(await rumen(`issue split shop-5 ${groupingIds[5]}`)).toBe('the grouping is split off shop-5 as shop-10.')
  expect(await shown('shop-10')).toMatchObject({ event_count: 6, status: 'unresolved', title: 'Error 5' })
  expect(await shown('shop-5')).toMatchObject({ event_count: 5 })
})

test('of very many groupings only some are shown in words, and their keys are cut', async () => {
  await connection.sql`
    INSERT INTO grouping (project_id, key_hash, issue_id, mechanism, key, parts)
    SELECT project_id, int8send(n), issue_id, 'v1', repeat('\u{1F600}', 150), '[]'
    FROM grouping, generate_series(1000, 1029) AS n WHERE id = ${groupingIds[8] ?? 0}`
  const lines = (await rumen('issue show shop-9')).split('\n')
  expect(lines.filter((line) => line.startsWith('grouping '))).toHaveLength(20)
  expect(lines).toContain('groupings\t31 in all: --json has them')
  expect(lines.find((line) => line.includes('never'))).toMatch(/\t0 events\tnever to never\tv1\t\u{1F600}{99}…$/u)
  expect((await shown('shop-9')).groupings).toHaveLength(31)
})

describe('one sentence:', () => {
  beforeAll(async () => {
    await rumen('issue merge shop-8 --into shop-7')
  })

  const MERGED = 'shop-8 is merged into shop-7: name that, or unmerge it first'

  test.for([
    ['issue resolve shop-8', MERGED],
    ['issue mute shop-8', MERGED],
    ['issue unmute shop-8', MERGED],
    ['issue reopen shop-8', MERGED],
    ['issue delete shop-8 --yes', MERGED],
    ['issue split shop-8 1', MERGED],
    ['issue merge shop-8 --into shop-9', MERGED],
    ['issue merge shop-9 --into shop-8', MERGED],
    ['issue merge shop-7 --into shop-7', 'shop-7 cannot be merged into itself'],
    ['issue merge till-1 --into shop-7', 'till-1 and shop-7 are of different projects'],
    ['issue merge shop-99 --into shop-7', 'there is no issue shop-99'],
    ['issue merge shop-7 --into shop-99', 'there is no issue shop-99'],
    ['issue merge shop-7', '--into ISSUE is missing: the one that stays'],
    ['issue merge --into shop-7', 'ISSUE is missing'],
    ['issue merge shop --into shop-7', 'an issue is named PROJECT-NUMBER, as in shop-12'],
    ['issue unmerge shop-7', 'shop-7 is not merged into another issue'],
    ['issue unmerge shop-99', 'there is no issue shop-99'],
    ['issue unmerge', 'ISSUE is missing'],
    ['issue split shop-9', 'GROUPING is missing: `rumen issue show` lists them'],
    ['issue split shop-9 x', "not a grouping's number: x"],
    ['issue split shop-9 999999', 'shop-9 has no grouping 999999'],
    ['issue split', 'ISSUE is missing'],
  ] as const)('`rumen %s`: %s', async ([line, sentence]) => {
    await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
  })

  test('nothing is left of an issue that would be split off whole, or unmerged when it is all there is', async () => {
    const all = groupingIds.slice(6, 8)
    await expect(rumen(`issue split shop-7 ${all.join(' ')}`)).rejects.toThrow(
      new CommandError('nothing would be left of shop-7: leave it a grouping that has events'),
    )
    await rumen(`issue split shop-7 ${all[0]}`)
    await expect(rumen('issue unmerge shop-8')).rejects.toThrow(
      new CommandError(
        'nothing would be left of shop-7: merge what was split off it back first, or take rules that grouped the two together ' +
          'back with `rumen group undo` and `rumen ruminate`',
      ),
    )
  })

  test('no issue is left without events when rules have moved all to one of its groupings', async () => {
    const kiosk = await createProject(connection.db, { name: 'Kiosk' })
    const [one, two] = [await makeIssue(kiosk, 1), await makeIssue(kiosk, 2)]
    const moveAllTo = async (id: number) => {
      await connection.sql`
        UPDATE grouping SET event_count = CASE WHEN id = ${id} THEN 3 ELSE 0 END WHERE project_id = ${kiosk.id}`
    }
    const refused = async (line: string, sentence: string) => {
      await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
      expect(await shown('kiosk-2')).toMatchObject({ issue: 'kiosk-1', event_count: 3, merged: ['kiosk-2'] })
    }
    await rumen('issue merge kiosk-2 --into kiosk-1')
    await moveAllTo(one)
    await refused(`issue split kiosk-1 ${two}`, 'nothing to split off kiosk-1: what is named has no events')
    await refused(`issue split kiosk-1 ${one}`, 'nothing would be left of kiosk-1: leave it a grouping that has events')
    await refused(
      'issue unmerge kiosk-2',
      'kiosk-2 would have no events: they were split off, or rules have grouped them with others of kiosk-1 since. ' +
        '`rumen group undo` and `rumen ruminate` take rules back, `rumen issue split` makes an issue of a grouping',
    )
    await moveAllTo(two)
    await refused(
      'issue unmerge kiosk-2',
      'nothing would be left of kiosk-1: merge what was split off it back first, or take rules that grouped the two together ' +
        'back with `rumen group undo` and `rumen ruminate`',
    )
  })

  test('what waits for the rest of its deletion is neither merged nor split', async () => {
    await connection.sql`UPDATE issue SET status = 'deleting' WHERE number = 10`
    for (const line of ['issue merge shop-10 --into shop-9', `issue split shop-10 ${groupingIds[5]}`]) {
      await expect(rumen(line)).rejects.toThrow(new CommandError('shop-10 is being deleted'))
    }
  })
})
