import { rm } from 'node:fs/promises'
import { migrate } from '@rumen/db/migrate'
import { createDatabase } from '@rumen/embedded/create-database'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { makeThrowawayFolder, removeAbandonedFolders } from '@rumen/embedded/throwaway-folder'
import { installQueues } from '@rumen/queue/install-queues'
import type { TestProject } from 'vitest/node'

const TEMPLATE = 'rumen_template'

/** What to undo, last first. */
const releasers: (() => Promise<void>)[] = []

/** One server for the whole run, with a migrated database that every test file copies; see `@rumen/embedded/test-database`. */
export async function setup(project: TestProject): Promise<void> {
  await removeAbandonedFolders()
  const folder = await makeThrowawayFolder()
  releasers.push(() => rm(folder, { recursive: true, force: true }))
  const binDir = process.env.RUMEN_TEST_POSTGRES_BIN
  const server = await startPostgres({
    dataDir: folder,
    ...(binDir ? { binDir } : {}),
    // The data may be lost with the machine; everything else is as in production, synchronous_commit included.
    settings: { fsync: 'off', max_connections: '300' },
  })
  releasers.push(server.stop)
  await createDatabase(server.url, TEMPLATE)
  const url = new URL(server.url)
  url.pathname = TEMPLATE
  await migrate(url.href)
  await installQueues(url.href)
  project.provide('adminUrl', server.url)
  project.provide('template', TEMPLATE)
}

export async function teardown(): Promise<void> {
  for (const release of releasers.splice(0).reverse()) await release()
}
