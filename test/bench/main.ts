import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { against } from './against/against.ts'
import { analytics } from './analytics/analytics.ts'
import { burst } from './burst/burst.ts'
import { digest } from './digest/digest.ts'
import { grouping } from './grouping/grouping.ts'
import { ingest } from './ingest/ingest.ts'
import { compareRows } from './report/compare.ts'
import { formatTable } from './report/format-table.ts'
import type { Row } from './report/row.ts'
import { soak } from './soak/soak.ts'
import { bundle } from './stage/bundle.ts'
import { describeMachine } from './stage/describe-machine.ts'
import type { BenchOptions, Suite } from './suite.ts'

/** What `pnpm bench` runs; the others are asked for by their names. */
const USUAL: Record<string, Suite> = { ingest, digest, burst, grouping, analytics }
const SUITES: Record<string, Suite> = { ...USUAL, soak, against }
const FOLDER = fileURLToPath(new URL('../../.rumen/bench', import.meta.url))

const say = (line: string) => process.stdout.write(`${line}\n`)

// Programs that were started are ended when this process ends, and so it has to end by itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals } = readArguments()
if (positionals[0] === 'compare') {
  const [before, after] = await Promise.all([readRows(positionals[1]), readRows(positionals[2])])
  say(compareRows(before, after))
  process.exit(0)
}
const names = positionals.length > 0 ? positionals : Object.keys(USUAL)
const { minutes, rate, dsn = null, ...given } = values
const options = { ...given, minutes: readNumber('minutes', minutes), ratePerSec: readNumber('rate', rate), dsn }
await mkdir(FOLDER, { recursive: true })
await bundle()
let faultsCount = 0
for (const name of names) {
  const suite = SUITES[name]
  if (!suite) throw new Error(`there is no suite ${name}: ${Object.keys(SUITES).join(', ')}; or compare A.json B.json`)
  faultsCount += await runSuite(name, suite, { ...options, folder: FOLDER, say })
}
process.exit(faultsCount > 0 ? 1 : 0)

function readArguments() {
  try {
    return parseArgs({
      // An option that may stand alone is none that parseArgs knows.
      args: process.argv.slice(2).map((arg) => (arg === '--mistakes' ? '--mistakes=stack' : arg)),
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        mistakes: { type: 'string' },
        minutes: { type: 'string' },
        rate: { type: 'string' },
        dsn: { type: 'string' },
      },
    })
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(2)
  }
}

/** What `runSuite` kept in a file. */
async function readRows(path: string | undefined): Promise<readonly Row[]> {
  if (path === undefined) throw new Error('compare what? bench compare A.json B.json, as they lie in .rumen/bench')
  return JSON.parse(await readFile(path, 'utf8')).rows
}

/** Null: it was not given. */
function readNumber(name: string, text: string | undefined): number | null {
  if (text === undefined) return null
  const number = Number(text)
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0, not ${text}`)
  return number
}

/** Prints and keeps what a suite found; gives the number of its faults. */
async function runSuite(name: string, suite: Suite, options: BenchOptions): Promise<number> {
  const startedAt = new Date()
  const machine = await describeMachine(FOLDER)
  const { postgresVersion, rows, faults, details, appendix } = await suite(options)
  const kept = { name, startedAt, ...given, machine, postgresVersion, rows, faults, details }
  const path = join(FOLDER, `${name}.json`)
  await writeFile(path, `${JSON.stringify(kept, null, 2)}\n`)
  const { cpu, cores, memoryGiB, kernel, node, fsyncMs, loadBefore } = machine
  say(`\n${name}, ${startedAt.toISOString()}${options.quick ? ' (quick: not to be quoted)' : ''}`)
  say(
    `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}, fsync ${fsyncMs.toFixed(3)} ms, load before ${loadBefore.toFixed(1)}`,
  )
  const database = postgresVersion && `, PostgreSQL ${postgresVersion}; database, server and load share the machine`
  say(`Node ${node}${database ?? ''}\n`)
  say(formatTable(rows))
  if (appendix) say(`\n${appendix}`)
  say(`\nwritten to ${path}`)
  for (const fault of faults) say(`FAULT: ${fault}`)
  return faults.length
}
