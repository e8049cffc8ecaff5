import { rm } from 'node:fs/promises'
import { migrate } from '@rumen/db/migrate'
import { dayOf } from '@rumen/db/partition/day'
import { startPostgres } from '@rumen/embedded/start-postgres'
import { makeThrowawayFolder } from '@rumen/embedded/throwaway-folder'
import { installQueues } from '@rumen/queue/install-queues'
import postgres, { type Sql } from 'postgres'
import { seedShop } from './seed-shop.ts'

/** The shop on a server of its own: roles belong to a whole server. */
export interface Shop {
  /** Superuser's. */
  url: string
  sql: Sql
  /** UTC day the data were written for. */
  today: string
  /** The server's folder; it logs every statement. */
  folder: string
  /** One connection of somebody who logs in. */
  login(name: string, password: string): Sql
  stop(): Promise<void>
}

export async function startShop(): Promise<Shop> {
  const folder = await makeThrowawayFolder()
  const binDir = process.env.RUMEN_TEST_POSTGRES_BIN
  const server = await startPostgres({
    dataDir: folder,
    settings: { fsync: 'off', log_statement: 'all' },
    ...(binDir ? { binDir } : {}),
  })
  const sql = postgres(server.url, { max: 2, onnotice: () => undefined })
  const logins: Sql[] = []
  const stop = async () => {
    for (const one of [...logins, sql]) await one.end()
    await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await migrate(server.url)
    await installQueues(server.url)
    const today = dayOf(new Date())
    await seedShop(server.url, today)
    return {
      url: server.url,
      sql,
      today,
      folder,
      login(name, password) {
        const url = new URL(server.url)
        Object.assign(url, { username: name, password })
        const login = postgres(url.href, { max: 1, onnotice: () => undefined })
        logins.push(login)
        return login
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
