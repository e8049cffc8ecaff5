import type { LoadPlan, LoadResult } from '../load/generate.ts'
import type { Target } from '../load/request-pool.ts'
import { runLoad } from '../load/run-load.ts'
import type { Row } from '../report/row.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'

const CONNECTIONS = 100
const RATE_PER_SEC = 500

interface Loaded {
  what: string
  result: LoadResult
}

/**
 * The loads of the other suites against any server that takes what Sentry's SDKs send, for a comparison on one machine in one hour.
 * What it keeps of what it answers nobody looks at here: that is for its own counts to say.
 */
export async function against({ dsn, quick, say }: BenchOptions): Promise<SuiteResult> {
  const target = readTarget(dsn)
  const seconds = quick ? 2 : 10
  const loads: readonly [what: string, plan: Omit<LoadPlan, keyof Target | 'port'>][] = [
    ['saturated, gzip', { shape: 'gzip', connections: CONNECTIONS, seconds, ratePerSec: null }],
    ['saturated, mix of shapes', { shape: 'mixed', connections: CONNECTIONS, seconds, ratePerSec: null }],
    [`${RATE_PER_SEC}/s, varied`, { shape: 'varied', connections: CONNECTIONS, seconds, ratePerSec: RATE_PER_SEC }],
  ]
  await runLoad({ ...target, shape: 'mixed', connections: CONNECTIONS, seconds, ratePerSec: null })
  const loaded: Loaded[] = []
  for (const [what, plan] of loads) {
    const result = await runLoad({ ...target, ...plan })
    say(`${what}: ${Math.round(result.answered / result.seconds)}/s answered 200`)
    loaded.push({ what, result })
  }
  return { postgresVersion: null, rows: loaded.flatMap(rowsOf), faults: loaded.flatMap(refusalsOf), details: loaded }
}

/** Throws for what is no DSN of this machine: load goes nowhere else. */
function readTarget(dsn: string | null): Target & { port: number } {
  const url = dsn !== null && URL.canParse(dsn) ? new URL(dsn) : null
  if (!url || url.username === '' || url.pathname === '/')
    throw new Error('--dsn http://KEY@127.0.0.1:PORT/PROJECT: whom to send to')
  if (!['127.0.0.1', 'localhost'].includes(url.hostname))
    throw new Error('load goes to 127.0.0.1 only: see that the server runs here')
  return { port: Number(url.port || 80), projectId: url.pathname.slice(1), publicKey: url.username }
}

function rowsOf({ what, result: { answered, seconds, latencyMs, lagMs } }: Loaded): Row[] {
  const rows: Row[] = [{ what, value: answered / seconds, unit: '/s' }]
  rows.push({ what: '  p50', value: latencyMs.p50, unit: 'ms' }, { what: '  p99', value: latencyMs.p99, unit: 'ms' })
  if (lagMs) rows.push({ what: '  of it the generator, p99', value: lagMs.p99, unit: 'ms' })
  return rows
}

function refusalsOf({ what, result: { refused, unanswered } }: Loaded): string[] {
  const statuses = Object.entries(refused).map(([status, count]) => `${what}: ${count} were answered ${status}`)
  return unanswered === 0 ? statuses : [...statuses, `${what}: ${unanswered} got no answer`]
}
