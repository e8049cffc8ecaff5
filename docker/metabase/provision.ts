import { putCollection } from './collection.ts'
import { openMetabase } from './metabase-client.ts'
import { putDashboard } from './put-dashboard.ts'
import { putDatabase } from './put-database.ts'
import { putQuestions } from './put-questions.ts'
import { QUESTIONS } from './questions.ts'
import { readTarget } from './read-target.ts'
import { signIn } from './sign-in.ts'
import { waitUntilReady } from './wait-until-ready.ts'

// `pnpm metabase:provision`: a connection to the schema `analytics`, questions and a dashboard, in a Metabase that may be new or in
// use. Everything is looked for by its name first and made only when it is missing, so that it can be run again at any time, and
// after having been stopped anywhere. Nothing is deleted, and nothing anybody else made is changed.
//
// Written for Metabase 0.63.19. Its API has no versions. What is sent was read from, and holds for, these sources:
//   https://www.metabase.com/docs/latest/api (the reference)
//   https://www.metabase.com/articles/set-up-metabase-from-code-with-the-api (checked by Metabase against 0.63.19 and 0.64.1)
//   https://www.metabase.com/docs/latest/developers-guide/api-changelog (0.57: queries come back as MBQL 5, `legacy-mbql`)
//   src/metabase/{setup_rest,session,warehouses_rest,collections_rest,queries_rest,dashboards_rest}/ of github.com/metabase/metabase:
//   the schema each body is checked against.

const say = (line: string) => void process.stdout.write(`metabase: ${line}\n`)

async function provision(): Promise<void> {
  const target = readTarget(process.env)
  const nobody = openMetabase(target)
  await waitUntilReady(nobody, target.waitMs, say)
  const metabase = await signIn(nobody, target, say)
  const database = await putDatabase(metabase, target, say)
  const collection = await putCollection(metabase, say)
  const questions = await putQuestions(metabase, { collection, database }, QUESTIONS, say)
  const dashboard = await putDashboard(metabase, collection, questions, say)
  say(`ready: ${target.url}/dashboard/${dashboard}`)
}

try {
  await provision()
} catch (error) {
  process.stderr.write(`metabase: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
