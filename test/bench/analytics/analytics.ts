import postgres, { type Sql } from 'postgres'
import { readQuestions } from '../../analytics/analytics-page.ts'
import type { Row } from '../report/row.ts'
import { median } from '../report/statistics.ts'
import { startStage } from '../stage/start-stage.ts'
import type { BenchOptions, SuiteResult } from '../suite.ts'
import { type Amount, fillReports } from './fill-reports.ts'

const AMOUNTS: Record<'quick' | 'whole', Amount> = {
  quick: { reports: 20_000, issues: 1_000, days: 30, projects: 5 },
  whole: { reports: 1_000_000, issues: 20_000, days: 30, projects: 5 },
}
const ROUNDS = { quick: 1, whole: 5 }
const PASSWORD = 'bench'
/** A login of this name is shown the two first projects. */
const OF_PROJECTS = 'bench_projects'

interface Timed {
  title: string
  /** Of each round, as metabase_readonly. */
  ms: readonly number[]
  /** As a login for some projects. */
  projectMs: readonly number[]
  rows: number
}

/** How long the questions of docs/analytics.md take, asked of a million reports by those who ask them. */
export async function analytics({ quick, folder, say }: BenchOptions): Promise<SuiteResult> {
  const effort = quick ? 'quick' : 'whole'
  const amount = AMOUNTS[effort]
  const stage = await startStage(folder)
  try {
    say(`writing ${amount.reports.toLocaleString('en-US')} reports …`)
    await fillReports(stage, amount, new Date())
    await giveLogins(stage.sql)
    const scanMs: number[] = []
    const timed = await timeQuestions(stage.databaseUrl, ROUNDS[effort], async () => {
      scanMs.push((await timeOf(stage.sql, 'SELECT count(*) FROM report')).ms)
    })
    return {
      postgresVersion: stage.postgresVersion,
      rows: [
        { what: 'limit: count(*) of the table of reports', value: median(scanMs), unit: 'ms' },
        ...timed.map(questionRow),
        ...timed.map(projectRow),
      ],
      faults: timed.filter(({ rows }) => rows === 0).map(({ title }) => `nothing was found: ${title}`),
      details: { amount, scanMs, timed },
    }
  } finally {
    await stage.stop()
  }
}

async function giveLogins(sql: Sql): Promise<void> {
  await sql.unsafe(`
    ALTER ROLE metabase_readonly PASSWORD '${PASSWORD}';
    CREATE ROLE ${OF_PROJECTS} LOGIN PASSWORD '${PASSWORD}';
    GRANT USAGE ON SCHEMA project_analytics TO ${OF_PROJECTS};
    GRANT SELECT ON ALL TABLES IN SCHEMA project_analytics TO ${OF_PROJECTS};
    INSERT INTO analyst_project (project_id, role_name) VALUES (1, '${OF_PROJECTS}'), (2, '${OF_PROJECTS}')`)
}

/** Every question once a round, so that a busy moment hits all of them; the first round, of cold caches, is not counted. */
async function timeQuestions(url: string, rounds: number, before: () => Promise<void>): Promise<Timed[]> {
  const all = login(url, 'metabase_readonly')
  const some = login(url, OF_PROJECTS)
  const timed = readQuestions().map(({ title, sql }) => ({
    title,
    sql,
    ms: [] as number[],
    projectMs: [] as number[],
    rows: 0,
  }))
  try {
    for (let round = 0; round <= rounds; round++) {
      if (round > 0) await before()
      for (const one of timed) {
        const { ms, rows } = await timeOf(all, one.sql)
        const own = await timeOf(some, one.sql.replaceAll('analytics.', 'project_analytics.'))
        if (round === 0) continue
        one.ms.push(ms)
        one.projectMs.push(own.ms)
        one.rows = rows
      }
    }
  } finally {
    await all.end()
    await some.end()
  }
  return timed.map(({ sql, ...rest }) => rest)
}

function login(url: string, name: string): Sql {
  const address = new URL(url)
  Object.assign(address, { username: name, password: PASSWORD })
  return postgres(address.href, { max: 1 })
}

async function timeOf(sql: Sql, question: string): Promise<{ ms: number; rows: number }> {
  const startedAt = performance.now()
  const rows = await sql.unsafe(question)
  return { ms: performance.now() - startedAt, rows: rows.length }
}

function questionRow({ title, ms }: Timed): Row {
  const note = `${Math.round(Math.min(...ms))} to ${Math.round(Math.max(...ms))} ms`
  return { what: title, value: median(ms), unit: 'ms', goal: { sense: 'most', budget: 1_000 }, note }
}

function projectRow({ title, projectMs }: Timed): Row {
  return { what: `a login for two of five projects: ${title.split('.')[0]}`, value: median(projectMs), unit: 'ms' }
}
