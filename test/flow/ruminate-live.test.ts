import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { archiveMany } from '../support/archive-many.ts'
import { postOne, postSteadily } from '../support/post-steadily.ts'
import { recount } from '../support/recount.ts'
import { startCommand } from '../support/start-command.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { countAnew } from '../support/stored-of.ts'
import { waitFor } from '../support/wait-for.ts'

/** RUMEN_TEST_ARCHIVES=100000 takes a quarter of an hour. */
const ARCHIVES = Number(process.env.RUMEN_TEST_ARCHIVES ?? 3_000)
const MS_MAX = 240_000 + ARCHIVES * 20
const RATE = 100
/** A heap is collected when there is reason to: what grows by less, or in the first thousands, is not growth. */
const MEMORY_SLACK_MIB = 60
const GROWTH_FROM = 10_000
/** For any number of archives: ten thousand took 320. */
const MEMORY_MAX_MIB = 450

let stack: Stack
let project: AddedProject

beforeAll(async () => {
  stack = await startStack()
  project = await addProject(stack, 'Live')
  await archiveMany(stack.databaseUrl, project, ARCHIVES)
}, MS_MAX)

afterAll(() => stack.stop())

/** Runs the command and looks at its memory all the time; `until` says when to kill it. */
async function ruminate(until?: () => Promise<boolean>) {
  const started = performance.now()
  const { child, ended } = startCommand(`ruminate --project ${project.id} --yes --json`, stack.databaseUrl)
  let isOver = false
  const end = ended.finally(() => (isOver = true))
  const samples: number[] = []
  let cpuSeconds = 0
  while (!isOver) {
    samples.push(await residentMiB(child.pid ?? 0))
    cpuSeconds = Math.max(cpuSeconds, await cpuSecondsOf(child.pid ?? 0))
    if (await until?.()) child.kill('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  const { code, output, errors } = await end
  return {
    code,
    errors,
    result: output === '' ? null : JSON.parse(output),
    seconds: (performance.now() - started) / 1000,
    cpuSeconds,
    samples,
  }
}

/** What a process holds; 0 where nobody says, or once it has ended. */
async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024
}

/** What it has had of the machine. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [user = 0, system = 0] = stat.split(' ').slice(13, 15).map(Number)
  return (user + system) / 100
}

/** By how much its second half needed more than its first, after the start. */
function growthOf(samples: readonly number[]): number {
  const held = samples.filter((mib) => mib > 0).slice(Math.floor(samples.length / 5))
  const middle = Math.floor(held.length / 2)
  return Math.max(...held.slice(middle)) - Math.max(...held.slice(0, middle))
}

async function archivesDone(): Promise<number> {
  const [row] = await stack.sql`
    SELECT coalesce((progress->'tally'->>'archives')::int, 0) AS done FROM rumination WHERE finished_at IS NULL`
  return row?.done ?? 0
}

/** Figures go to whoever asked for a number of archives. */
function tell(what: string, { seconds, cpuSeconds, samples }: Awaited<ReturnType<typeof ruminate>>): void {
  if (process.env.RUMEN_TEST_ARCHIVES === undefined) return
  const memory = Math.max(...samples).toFixed(0)
  const spent = `${seconds.toFixed(1)} s, ${cpuSeconds.toFixed(1)} s of a core`
  process.stdout.write(
    `${what}: ${ARCHIVES} archives in ${spent}, ${Math.round(ARCHIVES / seconds)}/s, ${memory} MiB\n`,
  )
}

test(
  `${ARCHIVES} archives are ruminated while ${RATE} events a second come in, through a kill`,
  async () => {
    const added = await ruminate()
    expect(added).toMatchObject({ code: 0, errors: '', result: { rewritten: { added: { report: ARCHIVES } } } })
    tell('added', added)
    expect(await recount(stack.sql, project)).toEqual([])
    const same = await ruminate()
    expect(same).toMatchObject({ code: 0, result: { rewritten: { archives: ARCHIVES, changed: {}, added: {} } } })
    tell('unchanged', same)

    await stack.sql`
      UPDATE report SET os_id = NULL, level = 0, user_id = NULL, tag_ids = tag_ids[1:2] WHERE project_id = ${project.id}`
    await countAnew(stack.sql, project)
    const posts = postSteadily(RATE, () => postOne(stack.gatewayUrl, project))
    const killed = await ruminate(async () => (await archivesDone()) >= ARCHIVES * 0.4)
    expect(killed).toMatchObject({ code: null, result: null })
    expect(await archivesDone()).toBeLessThan(ARCHIVES)
    const resumed = await ruminate()
    const posted = await posts.stop()
    expect(resumed).toMatchObject({ code: 0, result: { rewritten: { changed: { report: ARCHIVES }, removed: {} } } })
    tell('changed, until it was killed', killed)
    tell('changed, the rest', resumed)
    expect(Math.max(...resumed.samples)).toBeLessThan(MEMORY_MAX_MIB)
    if (ARCHIVES >= GROWTH_FROM) expect(growthOf(resumed.samples)).toBeLessThan(MEMORY_SLACK_MIB)

    expect(posted.every(({ status }) => status === 200)).toBe(true)
    await waitFor(
      'all events',
      async () => ((await reports()).events === ARCHIVES + posted.length ? true : null),
      MS_MAX,
    )
    const { events, distinct, left } = await reports()
    expect({ events, distinct, left }).toEqual({ events: ARCHIVES + posted.length, distinct: events, left: 0 })
    expect(await recount(stack.sql, project)).toEqual([])
    expect(stack.workers.map((worker) => worker.output())).toEqual([''])
  },
  MS_MAX,
)

async function reports() {
  const [row] = await stack.sql<[{ events: number; distinct: number; left: number }]>`
    SELECT count(*)::int AS events, count(DISTINCT event_id)::int AS distinct, count(*) FILTER (WHERE level = 0)::int AS left
    FROM report WHERE project_id = ${project.id}`
  return row
}
