import { readSettings, type Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { createIssues } from '@rumen/db/issue/create-issues'
import { createProject, type NewProject } from '@rumen/db/project/create-project'
import { findKey } from '@rumen/db/project/find-key'
import { KEY_CHANNEL } from '@rumen/db/project/key-channel'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const SEEN_AT = new Date('2026-11-21T12:00:00Z')

let database: DatabaseClone
let connection: Connection
let settings: Settings
let project: NewProject

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  project = await createProject(connection.db, { name: 'Shop' })
  for (let n = 1; n <= 5; n++) {
    const description = { title: `Error ${n}\u001b[2J`, culprit: 'main', type: 'Error', value: null, level: 4 }
    const grouping = { key_hash: `\\x0${n}`, former_key_hash: null, mechanism: 'v1', key: `key ${n}`, parts: [] }
    await createIssues(connection.db, [{ project_id: project.id, ...grouping, ...description, seen_at: SEEN_AT }])
  }
  await connection.sql`UPDATE issue SET event_count = 10, user_count = 2, first_release = '1.0' WHERE number < 5`
  await connection.sql`
    UPDATE grouping SET event_count = 10, first_seen = issue.first_seen, last_seen = issue.last_seen
    FROM issue WHERE issue.id = issue_id`
  await connection.sql`INSERT INTO issue_tag SELECT project_id, id, 'os', 'Linux', 7 FROM grouping WHERE key = 'key 1'`
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

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

test('an issue is shown, in words that keep a terminal whole and as JSON', async () => {
  expect((await rumen('issue show SHOP-1')).split('\n')).toEqual([
    'shop-1\tError 1 [2J',
    'culprit\tmain',
    'status\tunresolved',
    'level\tfatal',
    'events\t10',
    'users\t2',
    'first seen\t2026-11-21T12:00:00.000Z in 1.0',
    'last seen\t2026-11-21T12:00:00.000Z',
    'tag os\tLinux (7)',
    'grouping 1\t10 events\t2026-11-21T12:00:00.000Z to 2026-11-21T12:00:00.000Z\tv1\tkey 1',
  ])
  expect(await shown('shop-1')).toEqual({
    issue: 'shop-1',
    title: 'Error 1\u001b[2J',
    culprit: 'main',
    status: 'unresolved',
    resolved_in_release: null,
    muted_until: null,
    muted_until_count: null,
    level: 'fatal',
    event_count: 10,
    user_count: 2,
    first_seen: '2026-11-21T12:00:00.000Z',
    first_release: '1.0',
    last_seen: '2026-11-21T12:00:00.000Z',
    last_release: null,
    merged: [],
    tags: [{ key: 'os', value: 'Linux', event_count: 7 }],
    groupings: [
      {
        ...{ id: 1, event_count: 10, first_seen: '2026-11-21T12:00:00.000Z', last_seen: '2026-11-21T12:00:00.000Z' },
        ...{ mechanism: 'v1', key: 'key 1', parts: [], adopted_from: null },
      },
    ],
    activity: [],
  })
})

test('an issue is resolved and reopened', async () => {
  expect(await rumen('issue resolve shop-2')).toBe('shop-2 is resolved.')
  expect(await rumen('issue resolve shop-2')).toBe('shop-2 was already resolved.')
  expect(await rumen('issue resolve shop-2 --in shop@2.0')).toBe('shop-2 is resolved in shop@2.0.')
  expect(await rumen('issue show shop-2')).toContain('status\tresolved in shop@2.0\n')
  expect(await rumen('issue reopen shop-2')).toBe('shop-2 is unresolved again.')
  expect(await rumen('issue reopen shop-2')).toBe('shop-2 was not resolved.')
  expect(await shown('shop-2')).toMatchObject({
    status: 'unresolved',
    activity: [{ kind: 'reopened' }, { kind: 'resolved', data: { in_release: 'shop@2.0' } }, { kind: 'resolved' }],
  })
})

describe('an issue is muted', () => {
  test('and unmuted', async () => {
    expect(await rumen('issue mute shop-3')).toBe('shop-3 is muted for good.')
    expect(await rumen('issue mute shop-3')).toBe('shop-3 was already muted for good.')
    expect(await rumen('issue unmute shop-3')).toBe('shop-3 is unresolved again.')
    expect(await rumen('issue unmute shop-3')).toBe('shop-3 was not muted.')
  })

  test.for([
    ['2999-01-31', '2999-01-31T00:00:00.000Z'],
    ['2999-01-31T08:30', '2999-01-31T08:30:00.000Z'],
    ['2999-01-31T08:30:15Z', '2999-01-31T08:30:15.000Z'],
    ['2999-01-31T08:30+02:00', '2999-01-31T06:30:00.000Z'],
  ] as const)('until %s', async ([text, moment]) => {
    expect(await rumen(`issue mute shop-3 --until ${text} --events 1000000`)).toContain(
      `until ${moment} or for 1000000 `,
    )
    expect(await shown('shop-3')).toMatchObject({ muted_until: moment, muted_until_count: 1_000_010 })
  })

  test.for([
    ['30m', 30],
    ['12h', 12 * 60],
    ['7d', 7 * 24 * 60],
    ['2w', 14 * 24 * 60],
  ] as const)('for %s', async ([text, minutes]) => {
    const before = Date.now()
    await rumen(`issue mute shop-3 --for ${text}`)
    const { muted_until } = await shown('shop-3')
    const length = new Date(muted_until).getTime() - minutes * 60_000
    expect(length).toBeGreaterThanOrEqual(before)
    expect(length).toBeLessThanOrEqual(Date.now())
  })
})

test('an issue is deleted, and nobody knows it any more', async () => {
  expect(await rumen('issue delete shop-4 --yes')).toBe('shop-4 is deleted. When it happens again, it is a new issue.')
  await expect(rumen('issue show shop-4')).rejects.toThrow(new CommandError('there is no issue shop-4'))
})

describe('a project gets a priority', () => {
  test.for([
    ['critical', 20],
    ['high', 10],
    ['low', -10],
    ['normal', 0],
  ] as const)('%s, which gateways read as %s', async ([priority, number]) => {
    await rumen(`project priority ${project.id} ${priority}`)
    expect(await findKey(connection.db, project.publicKey)).toMatchObject([{ priority: number }])
  })

  test('and gateways hear of it, where it is another than before', async () => {
    const heard: string[] = []
    const listening = await connection.sql.listen(KEY_CHANNEL, (payload) => heard.push(payload))
    await rumen(`project priority ${project.id} high`)
    await rumen(`project priority ${project.id} high`)
    await connection.sql.notify(KEY_CHANNEL, 'mark')
    await vi.waitUntil(() => heard.includes('mark'))
    expect(heard).toEqual(['', 'mark'])
    await listening.unlisten()
  })
})

test.for([
  ['issue show', 'ISSUE is missing'],
  ['issue show shop-1 shop-2', 'unexpected argument: shop-2'],
  ['issue show shop', 'an issue is named PROJECT-NUMBER, as in shop-12'],
  ['issue show 12', 'an issue is named PROJECT-NUMBER, as in shop-12'],
  ['issue show shop-1234567890123456', 'an issue is named PROJECT-NUMBER, as in shop-12'],
  ['issue show shop-99', 'there is no issue shop-99'],
  ['issue show shop-5', 'there is no issue shop-5'],
  ['issue show shop-2-1', 'there is no issue shop-2-1'],
  ['issue resolve till-1', 'there is no issue till-1'],
  ['issue resolve shop-1 --in latest', 'no release can be called that: latest'],
  ['issue mute shop-1 --until tomorrow', '--until is a time like 2030-01-31 or 2030-01-31T08:00Z'],
  ['issue mute shop-1 --until 2999-13-01', '--until is a time like 2030-01-31 or 2030-01-31T08:00Z'],
  ['issue mute shop-1 --until 2020-01-01', '--until is over: 2020-01-01T00:00:00.000Z'],
  ['issue mute shop-1 --until 2999-01-01 --for 1h', 'either --until or --for'],
  ['issue mute shop-1 --for 1y', '--for is a number of minutes, hours, days or weeks: 30m, 12h, 7d, 2w'],
  ['issue mute shop-1 --for 0h', '--for is a number of minutes, hours, days or weeks: 30m, 12h, 7d, 2w'],
  ['issue mute shop-1 --events 0', '--events is a whole number from 1 to 999999999'],
  ['issue mute shop-1 --events many', '--events is a whole number from 1 to 999999999'],
  ['issue delete shop-1', 'its reports and counts go with it for good: add --yes if that is meant'],
  ['issue delete shop-99 --yes', 'there is no issue shop-99'],
  ['project priority 1', 'PRIORITY is missing'],
  ['project priority 1 constructor', 'PRIORITY is one of critical, high, normal, low'],
  ['project priority shop high', "not a project's number: shop"],
  ['project priority 999999 high', 'there is no project 999999'],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
})
