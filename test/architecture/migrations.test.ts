import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { absolute, files, read } from './repository.ts'

interface Journal {
  entries: { idx: number; when: number; tag: string }[]
}

/** Takes away, renames or narrows what older code reads and writes. Views are for analysts; no code of ours reads them. */
const CONTRACTS =
  /DROP (TABLE|COLUMN)|RENAME|SET DATA TYPE|SET NOT NULL|ADD COLUMN (?=[^;]*NOT NULL)(?![^;]*(DEFAULT|GENERATED))/i

/** drizzle-kit exits with 0 even when it threw: what it printed is the only answer. */
async function drizzleKit(...args: string[]): Promise<string> {
  const bin = absolute('node_modules/drizzle-kit/bin.cjs')
  const running = promisify(execFile)(process.execPath, [bin, ...args], { cwd: absolute(''), timeout: 60_000 })
  running.child.stdin?.end()
  const { stdout, stderr } = await running
  return `${stdout}\n${stderr}`
}

function journal(): Journal['entries'] {
  const { entries }: Journal = JSON.parse(read('drizzle/meta/_journal.json'))
  return entries
}

describe('drizzle/', () => {
  test.concurrent('the tables in code need no migration that is not there', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rumen-migrations-'))
    try {
      cpSync(absolute('drizzle'), join(folder, 'drizzle'), { recursive: true })
      const config = join(folder, 'drizzle.config.ts')
      // drizzle-kit puts `./` before `out`, so the copy is named from the root.
      const out = JSON.stringify(relative(absolute(''), join(folder, 'drizzle')))
      const real = JSON.stringify(absolute('drizzle.config.ts'))
      writeFileSync(config, `import config from ${real}\nexport default { ...config, out: ${out} }\n`)
      expect(
        await drizzleKit('generate', '--config', relative(absolute(''), config)),
        'run: pnpm db:generate --name <what-it-does>, then read the SQL it wrote',
      ).toContain('No schema changes')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)

  test.concurrent('no two migrations were drawn from the same state', async () => {
    const said = await drizzleKit('check')
    expect(said, 'delete the later migration with its snapshot and run: pnpm db:generate').toContain(
      "Everything's fine",
    )
  }, 60_000)

  test('the journal and the SQL files name each other', () => {
    const onDisk = files.filter((path) => /^drizzle\/[^/]+\.sql$/.test(path))
    expect(onDisk.toSorted()).toEqual(journal().map(({ tag }) => `drizzle/${tag}.sql`))
  })

  test('what older code would break on raises the floor, so that it is refused', () => {
    const released = read('test/fixtures/schema/0.1.0.sql')
    const later = journal().filter(({ when }) => !released.includes(String(when)))
    expect(later.length).toBeGreaterThan(0)
    for (const { tag } of later) {
      const migration = read(`drizzle/${tag}.sql`)
      if (!CONTRACTS.test(migration.replace(/^--.*$/gm, ''))) continue
      expect(
        migration,
        `${tag} takes away what older code uses: let a release pass in between, then raise the floor`,
      ).toMatch(/UPDATE "schema_floor" SET "migration" = \d+/)
    }
  })

  test('a later migration has a later time', () => {
    const times = journal().map(({ when }) => when)
    const late = journal().filter(({ when }, index) => index > 0 && when <= (times[index - 1] ?? 0))
    expect(late, 'a database skips a migration older than its newest one without a word: raise "when"').toEqual([])
  })
})
