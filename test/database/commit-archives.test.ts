import { hash } from 'node:crypto'
import type { ArchiveRow } from '@rumen/db/archive/archive-row'
import { createCommitArchives } from '@rumen/db/archive/commit-archives'
import { type FlushClient, openFlushClient } from '@rumen/db/archive/open-flush-client'
import { dayOf } from '@rumen/db/partition/day'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import { parseProjectId } from '@rumen/protocol/project-id'
import { afterAll, beforeAll, expect, test } from 'vitest'

let database: DatabaseClone
let client: FlushClient

beforeAll(async () => {
  database = await testDatabase()
  client = await openFlushClient(database.url, (error) => {
    throw error
  })
})

afterAll(async () => {
  await client?.end()
  await database?.drop()
})

function makeRow(text: string): ArchiveRow {
  const [body, receivedAt] = [Buffer.from(text), new Date()]
  return {
    ...{ projectId: parseProjectId('1'), day: dayOf(receivedAt), hash: hash('sha256', body, 'buffer'), eventId: null },
    ...{ receivedAt, endpoint: 'envelope', contentType: null, encoding: '', clientIp: null, userAgent: null },
    ...{ sentryClient: null, queryRelease: null, queryEnvironment: null, wireBytes: body.length, body },
  }
}

test('what archives are committed in waits for the disk: an event that was answered 200 survives a crash', async () => {
  const found: unknown[] = []
  // The jobs are queued last: what holds then holds at COMMIT.
  const commitArchives = createCommitArchives(async ({ executeSql }, archives) => {
    found.push(...(await executeSql('SHOW synchronous_commit')).rows)
    return archives.length
  })
  expect((await commitArchives(client, [makeRow('{}\n')])).size).toBe(1)
  expect(found).toEqual([{ synchronous_commit: 'on' }])
})
