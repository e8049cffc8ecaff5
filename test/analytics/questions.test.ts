import type { Sql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeViews, readPage, readQuestions, writePage } from './analytics-page.ts'
import { ask } from './ask.ts'
import { type Shop, startShop } from './start-shop.ts'

const QUESTIONS = readQuestions()

let shop: Shop
let analyst: Sql

beforeAll(async () => {
  shop = await startShop()
  await shop.sql`ALTER ROLE metabase_readonly PASSWORD 'secret'`
  analyst = shop.login('metabase_readonly', 'secret')
}, 120_000)

afterAll(() => shop.stop())

describe('docs/analytics.md', () => {
  test('asks at least fifteen questions, numbered, each with its answer', () => {
    expect(QUESTIONS.length).toBeGreaterThanOrEqual(15)
    expect(QUESTIONS.map(({ title }) => Number.parseInt(title, 10))).toEqual(QUESTIONS.map((_, at) => at + 1))
    for (const { title, answer } of QUESTIONS) expect(answer?.split('\n').length, title).toBeGreaterThanOrEqual(3)
    // None has another form and is passed over.
    expect(readPage().match(/^```sql$/gm)).toHaveLength(QUESTIONS.length)
  })

  test.for(QUESTIONS.map((one) => [one.title, one] as const))('%s', async ([, { sql, answer }]) => {
    expect(await ask(analyst, sql, shop.today), 'wrong, or meant? then: pnpm docs:analytics').toBe(answer)
  })

  test('has the columns that are there, with what the database says of them', async () => {
    const columns = await describeViews(shop.sql)
    const answers = QUESTIONS.map(({ answer }) => answer ?? '')
    expect(readPage(), 'run: pnpm docs:analytics').toBe(writePage(readPage(), { answers, columns }))
  })

  test('draws every view', async () => {
    const drawing = /```mermaid\n([\s\S]*?)```/.exec(readPage())?.[1] ?? ''
    const views = await shop.sql<{ name: string }[]>`
      SELECT relname AS name FROM pg_class WHERE relnamespace = 'analytics'::regnamespace`
    expect(views.filter(({ name }) => !new RegExp(`\\b${name}\\b`).test(drawing))).toEqual([])
  })

  test('says how to make the role by hand: it then has what the migrations give it', async () => {
    const settings = () => shop.sql`SELECT rolconfig FROM pg_roles WHERE rolname = 'metabase_readonly'`
    const wanted = await settings()
    await analyst.end()
    await shop.sql.unsafe('DROP OWNED BY metabase_readonly; DROP ROLE metabase_readonly')
    const statements = /```\n(CREATE ROLE metabase_readonly[\s\S]*?)```/.exec(readPage())?.[1] ?? ''
    await shop.sql.unsafe(statements)
    expect(await settings()).toEqual(wanted)
    await shop.sql`ALTER ROLE metabase_readonly PASSWORD 'secret'`
    const made = shop.login('metabase_readonly', 'secret')
    expect(await made`SELECT issue FROM reports WHERE issue = 'blog-1'`).toHaveLength(2)
  })
})
