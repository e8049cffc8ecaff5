import { readSettings, type Settings } from '@rumen/config/read-settings'
import { connect } from '@rumen/db/connect'
import { createProject, type NewProject, randomPublicKey } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const URL_SHOWN = 'https://errors.example.com'
const OTHER_KEY = parsePublicKey('f'.repeat(32))

let database: DatabaseClone
let settings: Settings
let project: NewProject

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url, PUBLIC_URL: URL_SHOWN })
  // The first of its database: project 1.
  await makeProject('First', OTHER_KEY)
})

afterEach(() => {
  vi.restoreAllMocks()
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

async function makeProject(name: string, publicKey = randomPublicKey()): Promise<NewProject> {
  const connection = connect(database.url, { poolSize: 1, name: 'test' })
  return await createProject(connection.db, { name, publicKey }).finally(connection.close)
}

function dsnOf(publicKey: string): string {
  return `https://${publicKey}@errors.example.com/${project.id}`
}

test('keys are made, listed, revoked and given back', async () => {
  project = await makeProject('Shop')
  const first = project.publicKey
  const made = JSON.parse(await rumen(`key create --project ${project.id} --json`))
  expect(made).toEqual({ key: expect.stringMatching(/^[0-9a-f]{32}$/), dsn: dsnOf(made.key) })
  expect(await rumen(`key create --project ${project.id} --key ${OTHER_KEY}`)).toBe(dsnOf(OTHER_KEY))
  expect(await rumen(`key revoke ${first} --project ${project.id} --yes`)).toContain('revoked')
  expect(await rumen(`key list --project ${project.id}`)).toBe(
    [
      [first, 'revoked', dsnOf(first)],
      [made.key, 'valid', dsnOf(made.key)],
      [OTHER_KEY, 'valid', dsnOf(OTHER_KEY)],
    ]
      .map((words) => words.join('\t'))
      .join('\n'),
  )
  expect(await rumen(`key create --project ${project.id} --key ${first}`)).toBe(dsnOf(first))
  expect(JSON.parse(await rumen(`key list --project ${project.id} --json`))[0]).toEqual({
    key: first,
    dsn: dsnOf(first),
    created_at: expect.stringMatching(/^\d{4}-/),
    revoked_at: null,
    rate_per_sec: null,
  })
})

test('rotating prints the one DSN that is left', async () => {
  project = await makeProject('Rotated')
  const dsn = await rumen(`key rotate --project ${project.id} --yes`)
  const valid = (await rumen(`key list --project ${project.id}`))
    .split('\n')
    .filter((line) => line.includes('\tvalid\t'))
  expect(valid.map((line) => line.split('\t').at(-1))).toEqual([dsn])
})

test('limits are set one by one, printed, and taken away', async () => {
  project = await makeProject('Limited')
  const id = project.id
  const printed = await rumen(`project limits ${id} --rate 5 --per-minute 1 --per-hour 2 --per-month 3 --json`)
  expect(JSON.parse(printed)).toEqual({ rate_per_sec: 5, per_minute: 1, per_hour: 2, per_month: 3 })
  expect(await rumen(`project limits ${id} --rate 0 --per-hour none`)).toBe(
    'requests a second\tno limit\nevents a minute\t1\nevents an hour\tas many as come\nevents a month\t3',
  )
  expect(await rumen(`project limits ${id} --rate none`)).toContain('\tas RATE_LIMIT_PER_PROJECT_PER_SEC says\n')
  await rumen(`key limit ${project.publicKey} --project ${id} --rate 7`)
  expect(JSON.parse(await rumen(`key list --project ${id} --json`))[0].rate_per_sec).toBe(7)
  await rumen(`key limit ${project.publicKey} --project ${id} --rate none`)
  expect(JSON.parse(await rumen(`key list --project ${id} --json`))[0].rate_per_sec).toBeNull()
})

test.for([
  ['key list', 'which project? --project ID, as `rumen project list` prints it'],
  ['key list --project shop', "not a project's number: shop"],
  ['key list --project 999999', 'there is no project 999999'],
  ['key create --project 18446744073709551615', 'there is no project 18446744073709551615'],
  ['key create --project 1 --key short', 'a key is 32 hexadecimal characters in lower case'],
  [`key create --project 1 --key ${OTHER_KEY}`, 'project 1 has this key already'],
  ['key revoke --project 1 --yes', 'KEY is missing'],
  [
    `key revoke ${OTHER_KEY} --project 1`,
    'what is sent with a revoked key is refused and lost: add --yes if that is meant',
  ],
  [`key revoke ${'e'.repeat(32)} --project 1 --yes`, 'project 1 has no such key'],
  [`key revoke ${OTHER_KEY} --project 999999 --yes`, 'there is no project 999999'],
  [`key limit ${OTHER_KEY} --project 1`, 'how many requests a second? --rate N, or --rate none'],
  [`key limit ${OTHER_KEY} --project 1 --rate fast`, '--rate is a whole number from 0 to 2147483647, or none'],
  [`key limit ${'e'.repeat(32)} --project 1 --rate 5`, 'project 1 has no such key'],
  ['key rotate --project 1', 'this revokes all keys the project has now: add --yes if that is meant'],
  ['key rotate --project 999999 --yes', 'there is no project 999999'],
  ['project limits', 'ID is missing'],
  ['project limits 1 2', 'unexpected argument: 2'],
  ['project limits 1 --per-hour 0', '--per-hour is a whole number from 1 to 9007199254740991, or none'],
  ['project limits 999999 --rate 5', 'there is no project 999999'],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  await expect(rumen(line)).rejects.toThrow(new CommandError(sentence))
})
