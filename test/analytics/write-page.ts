// `pnpm docs:analytics`: writes the answers and the tables of columns of the page for analysts anew.
import { rm, writeFile } from 'node:fs/promises'
import { migrate } from '@rumen/db/migrate'
import { dayOf } from '@rumen/db/partition/day'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { makeThrowawayFolder } from '@rumen/embedded/throwaway-folder'
import postgres from 'postgres'
import { describeViews, PAGE, readPage, readQuestions, writePage } from './analytics-page.ts'
import { ask } from './ask.ts'
import { seedShop } from './seed-shop.ts'

const dataDir = await makeThrowawayFolder()
const server = await startPostgres({ dataDir, settings: { fsync: 'off' } })
const sql = postgres(server.url, { max: 1 })
try {
  await migrate(server.url)
  const today = dayOf(new Date())
  await seedShop(server.url, today)
  const answers: string[] = []
  for (const { sql: question } of readQuestions()) answers.push(await ask(sql, question, today))
  await writeFile(PAGE, writePage(readPage(), { answers, columns: await describeViews(sql) }))
} finally {
  await sql.end()
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
