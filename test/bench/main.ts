import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { analytics } from './analytics/analytics.ts'
import { digest } from './digest/digest.ts'
import { grouping } from './grouping/grouping.ts'
import { ingest } from './ingest/ingest.ts'
import { formatTable } from './report/format-table.ts'
import { describeMachine } from './stage/describe-machine.ts'
import type { BenchOptions, Suite } from './suite.ts'

const SUITES: Record<string, Suite> = { ingest, digest, grouping, analytics }
const FOLDER = fileURLToPath(new URL('../../.rumen/bench', import.meta.url))

const say = (line: string) => process.stdout.write(`${line}\n`)

// Programs that were started are ended when this process ends, and so it has to end by itself.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const { values, positionals } = parseArgs({
  // An option that may stand alone is none that parseArgs knows.
  args: process.argv.slice(2).map((arg) => (arg === '--mistakes' ? '--mistakes=stack' : arg)),
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    mistakes: { type: 'string' },
  },
})
const names = positionals.length > 0 ? positionals : Object.keys(SUITES)
await mkdir(FOLDER, { recursive: true })
let faultsCount = 0
for (const name of names) {
  const suite = SUITES[name]
  if (!suite) throw new Error(`there is no suite ${name}: ${Object.keys(SUITES).join(', ')}`)
  faultsCount += await runSuite(name, suite, { ...values, folder: FOLDER, say })
}
process.exit(faultsCount > 0 ? 1 : 0)

/** Prints and keeps what a suite found; gives the number of its faults. */
async function runSuite(name: string, suite: Suite, options: BenchOptions): Promise<number> {
  const startedAt = new Date()
  const machine = await describeMachine(FOLDER)
  const { postgresVersion, rows, faults, details, appendix } = await suite(options)
  const kept = { name, startedAt, ...values, machine, postgresVersion, rows, faults, details }
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
