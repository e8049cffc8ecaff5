import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { readSettings, type Settings } from '@rumen/config/read-settings'
import { type Connection, connect } from '@rumen/db/connect'
import { createProject } from '@rumen/db/project/create-project'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId } from '@rumen/protocol/brand'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { CommandError } from '../command-error.ts'
import { findCommand } from '../commands.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const RULES = '# the cart\ntype:CartError -> fingerprint=cart\n'

let database: DatabaseClone
let connection: Connection
let settings: Settings
let folder: string
let projects = 0

beforeAll(async () => {
  database = await testDatabase()
  settings = readSettings({ DATABASE_URL: database.url })
  connection = connect(database.url, { poolSize: 2, name: 'test' })
  folder = await mkdtemp(join(tmpdir(), 'rumen-test-group-'))
})

afterEach(() => vi.restoreAllMocks())

afterAll(async () => {
  await connection.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

async function addProject(): Promise<ProjectId> {
  return (await createProject(connection.db, { name: `Project ${++projects}` })).id
}

/** What `rumen …` prints, called in this process. */
async function rumen(line: string): Promise<string> {
  const found = findCommand(line.split(' '))
  if (!found) throw new Error(`no such command: ${line}`)
  const printed: string[] = []
  const log = vi.spyOn(console, 'log').mockImplementation((line) => printed.push(line))
  await found.command.run(found.rest, settings, {}).finally(() => log.mockRestore())
  return printed.join('\n')
}

async function write(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

async function shown(projectId: ProjectId) {
  return JSON.parse(await rumen(`group show --project ${projectId} --json`))
}

test('a project that was never moved is shown by what it has', async () => {
  const projectId = await addProject()
  expect((await rumen(`group show --project ${projectId}`)).split('\n')).toEqual([
    'mechanism\tv1',
    'strategy\tstack',
    'version\t1',
    expect.stringMatching(/^version 1\t\d{4}-.*Z\tv1\tstack\tno rules$/),
  ])
  const first = { version: 1, mechanism: 'v1', strategy: 'stack', rules: '', created_at: expect.any(String) }
  expect(await shown(projectId)).toEqual({
    ...{ project_id: projectId, ...first, former_version: null, adopts_until: null, versions: [first] },
  })
})

describe('a project is moved', () => {
  test('to other rules, for thirty days in the issues it has, and says what becomes of what', async () => {
    const projectId = await addProject()
    const before = Date.now()
    const said = await rumen(`group set --project ${projectId} --rules ${await write('rules', RULES)}`)
    const { adopts_until: until, ...state } = await shown(projectId)
    expect(state).toMatchObject({ version: 2, former_version: 1, mechanism: 'v1', strategy: 'stack', rules: RULES })
    expect(Date.parse(until) - 30 * DAY_MS).toBeGreaterThanOrEqual(before)
    expect(Date.parse(until) - 30 * DAY_MS).toBeLessThanOrEqual(Date.now())
    expect(said).toBe(
      `Events that come from now on are grouped by version 2; until ${until} what has an issue by the former rules goes on in it. ` +
        `What has come already stays where it is until \`rumen ruminate --project ${projectId}\` groups it anew.`,
    )
    expect((await rumen(`group show --project ${projectId}`)).split('\n')).toEqual([
      ...['mechanism\tv1', 'strategy\tstack', 'version\t2'],
      `moved from\t1\tnew keys take over the issues of its keys until ${until}`,
      'rule 1\t# the cart',
      'rule 2\ttype:CartError -> fingerprint=cart',
      expect.stringMatching(/^version 1\t.*\tno rules$/),
      expect.stringMatching(/^version 2\t.*\t2 lines of rules$/),
    ])
    await connection.sql`UPDATE project SET adopts_until = '2026-01-01' WHERE id = ${projectId}`
    expect(await rumen(`group show --project ${projectId}`)).toContain(
      'moved from\t1\tthe move was over at 2026-01-01T00:00:00.000Z\n',
    )
  })

  test('to another strategy, with what it had else, and with no issue taken over where nobody wants it', async () => {
    const projectId = await addProject()
    await rumen(`group set --project ${projectId} --rules ${await write('rules', RULES)} --adopt 0`)
    const said = await rumen(`group set --project ${projectId} --strategy transaction --mechanism v1 --adopt 0`)
    expect(said).toMatch(/^Events that .* by version 3; what is known by another key begins a new issue\. What /)
    expect(said).not.toContain('was not over')
    expect(await shown(projectId)).toMatchObject({
      ...{ version: 3, strategy: 'transaction', rules: RULES, adopts_until: null },
    })
    expect(await rumen(`group show --project ${projectId}`)).toContain('moved from\t2\tnew keys begin new issues\n')
    expect(await rumen(`group set --project ${projectId} --strategy transaction`)).toBe(
      `Project ${projectId} is grouped like that already, by version 3.`,
    )
  })

  test('and warned where the move before is not over', async () => {
    const projectId = await addProject()
    await rumen(`group set --project ${projectId} --strategy transaction --adopt 7`)
    const said = await rumen(`group set --project ${projectId} --strategy stack`)
    expect(said.split('\n')[1]).toBe(
      'The move from version 1 to 2 was not over: a bug that has not happened since, and has other keys now, begins a new issue, unless `rumen ruminate` comes first.',
    )
  })

  test('back, and back again', async () => {
    const projectId = await addProject()
    const undo = `group undo --project ${projectId}`
    await expect(rumen(undo)).rejects.toThrow(new CommandError(`project ${projectId} was never moved to other rules`))
    await rumen(`group set --project ${projectId} --strategy transaction --adopt 0`)
    expect(await rumen(undo)).toMatch(
      /^Events that .* by version 1; until .* `rumen ruminate --project \d+` groups it anew\.$/,
    )
    expect(await shown(projectId)).toMatchObject({ version: 1, former_version: 2, adopts_until: expect.any(String) })
    expect(await rumen(`${undo} --adopt 0`)).toContain('by version 2; what is known')
  })
})

describe('rules', () => {
  const FAULTY = 'type:E -> fingerprint=\n\n# fine\ntipe:E -> ignore\nfunction:f -> in_app=\u202emaybe\n'

  test('with faults change nothing, and each fault is told with its line', async () => {
    const projectId = await addProject()
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const file = await write('faulty', FAULTY)
    const setting = rumen(`group set --project ${projectId} --rules ${file} --strategy transaction`)
    await expect(setting).rejects.toThrow(new CommandError(`${file} has 3 faults: the rules cannot be used`))
    const lines = error.mock.calls.map(([line]) => String(line))
    expect(lines).toEqual([
      `${file}:1: "fingerprint" has no value: write fingerprint=PART,PART`,
      expect.stringMatching(/:4: there is no .*"tipe".*\(did you mean "type"\?\)$/),
      expect.stringMatching(/:5: "in_app" is on or off, not " maybe"$/),
    ])
    expect(await shown(projectId)).toMatchObject({ version: 1, strategy: 'stack' })
  })

  test('are checked without a database', async () => {
    settings = readSettings({ DATABASE_URL: 'postgres://127.0.0.1:1/none' })
    try {
      const file = await write('rules', RULES)
      expect(await rumen(`group check ${file}`)).toBe(`${file} has no faults.`)
      const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
      const faulty = await write('one', 'type:E -> shout')
      await expect(rumen(`group check ${faulty}`)).rejects.toThrow(
        new CommandError(`${faulty} has a fault: the rules cannot be used`),
      )
      expect(error.mock.calls.map(([line]) => String(line))).toEqual([
        expect.stringMatching(/:1: there is no action "shout"/),
      ])
    } finally {
      settings = readSettings({ DATABASE_URL: database.url })
    }
  })

  test('hold what PostgreSQL can keep, as it was written', async () => {
    const projectId = await addProject()
    const error = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    const nul = await write('nul', '# one\n# \u0000\n')
    await expect(rumen(`group check ${nul}`)).rejects.toThrow(CommandError)
    expect(error.mock.calls).toEqual([[`${nul}:2: there is a NUL character`]])
    const latin = await write('latin', Buffer.from('# caf\u00e9\n', 'latin1'))
    await expect(rumen(`group set --project ${projectId} --rules ${latin}`)).rejects.toThrow(
      new CommandError(`${latin} is no text in UTF-8`),
    )
    const windows = await write('windows', '\ufeff# \u001b[31mcafé\r\ntype:E -> title="€"\r\n')
    await rumen(`group set --project ${projectId} --rules ${windows}`)
    expect(await shown(projectId)).toMatchObject({ rules: '# \u001b[31mcafé\r\ntype:E -> title="€"\r\n' })
    const lines = (await rumen(`group show --project ${projectId}`)).split('\n')
    expect(lines.filter((line) => line.startsWith('rule'))).toEqual([
      'rule 1\t#  [31mcafé',
      'rule 2\ttype:E -> title="€"',
    ])
  })

  test('are read from standard input', async () => {
    const check = async (rules: string) => {
      const main = fileURLToPath(new URL('../main.ts', import.meta.url))
      const child = spawn(process.execPath, [main, 'group', 'check', '-'], { env: { PATH: process.env.PATH } })
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.stdin.end(rules)
      const [out, error, code] = await Promise.all([text(child.stdout), text(child.stderr), ended])
      return { out, error: error.split('\n').filter((line) => line !== ''), code }
    }
    expect(await check(RULES)).toEqual({ out: '- has no faults.\n', error: [], code: 0 })
    expect(await check('# one\n\ntype:E -> shout\n')).toEqual({
      ...{ out: '', code: 1 },
      error: [expect.stringMatching(/^-:3: /), 'rumen: - has a fault: the rules cannot be used'],
    })
  })
})

test.for([
  ['group show', 'which project? --project ID, as `rumen project list` prints it'],
  ['group show --project 999999', 'there is no project 999999'],
  ['group set --project 1', 'nothing to set: --mechanism, --strategy or --rules'],
  ['group set --project 1 --mechanism v0', '--mechanism is one of v1'],
  ['group set --project 1 --strategy stacks', '--strategy is one of stack, transaction'],
  ['group set --project 1 --strategy stack --adopt -1', "Option '--adopt' argument is ambiguous."],
  ['group set --project 1 --strategy stack --adopt 1.5', '--adopt is a whole number of days from 0 to 3650'],
  ['group set --project 1 --strategy stack --adopt 3651', '--adopt is a whole number of days from 0 to 3650'],
  ['group set --project 999999 --strategy transaction', 'there is no project 999999'],
  ['group set --project 1 --rules /nowhere/rules', '/nowhere/rules cannot be read: ENOENT'],
  ['group undo --project 999999', 'there is no project 999999'],
  ['group check', 'FILE is missing'],
] as const)('`rumen %s` is one sentence: %s', async ([line, sentence]) => {
  const running = rumen(line)
  await expect(running).rejects.toThrow(CommandError)
  await expect(running).rejects.toThrow(sentence)
})
