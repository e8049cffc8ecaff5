import type { Row } from './report/row.ts'

export interface BenchOptions {
  /** One short run of everything: to see that it works, not to quote. */
  quick: boolean
  /** Leave CPU profiles of the gateways beside the results. */
  profile: boolean
  /** Of which method of grouping to list what it gets wrong. */
  mistakes?: string | undefined
  /** How long a soak takes, and at which rate; null: as is usual. */
  minutes: number | null
  ratePerSec: number | null
  /** Of another server; null: of none. */
  dsn: string | null
  /** Where results and databases lie, on a disk. */
  folder: string
  say: (line: string) => void
}

export interface SuiteResult {
  /** Of the PostgreSQL it was measured on; null where none is involved. */
  postgresVersion: string | null
  rows: readonly Row[]
  /** What no row can say, printed below them. */
  appendix?: string
  /** Where what was answered and what is there differ: one sentence each. None is a condition for believing the rest. */
  faults: readonly string[]
  /** Everything measured, for the JSON. */
  details: unknown
}

export type Suite = (options: BenchOptions) => Promise<SuiteResult>
