import { statfs } from 'node:fs/promises'
import { sql } from 'drizzle-orm'
import type { Db } from '../connect.ts'
import { dayOf } from '../partition/day.ts'
import { isLocalDatabase } from './local-database.ts'
import { readPartitionSizes } from './partition-sizes.ts'

export interface DiskOptions {
  now: Date
  /** The database's address, which says whether its disk is this machine's. */
  url: string
  /** What it may take in all; null: as much as is free. */
  diskBytes: number | null
}

/**
 * Writes how large the database is, and how much it can still grow, into the row of the day. Any number of processes may;
 * what a day ends with is its last.
 */
export async function measureDisk(db: Db, { now, url, diskBytes }: DiskOptions): Promise<void> {
  const [row] = await db.execute<{ bytes: number }>(sql`
    SELECT pg_database_size(current_database())::float8 AS bytes`)
  const databaseBytes = row?.bytes ?? 0
  const partitionBytes = (await readPartitionSizes(db)).reduce((sum, { bytes }) => sum + bytes, 0)
  const freeBytes = diskBytes === null ? await freeBytesBeside(db, url) : Math.max(0, diskBytes - databaseBytes)
  await db.execute(sql`
    INSERT INTO disk_day (day, database_bytes, partition_bytes, free_bytes, measured_at)
    VALUES (${dayOf(now)}, ${databaseBytes}, ${partitionBytes}, ${freeBytes}, ${now.toISOString()})
    ON CONFLICT (day) DO UPDATE SET database_bytes = excluded.database_bytes, partition_bytes = excluded.partition_bytes,
      free_bytes = excluded.free_bytes, measured_at = excluded.measured_at`)
}

/** What is free where the database keeps its files; null where they are on another machine, or the login may not know. */
async function freeBytesBeside(db: Db, url: string): Promise<number | null> {
  if (!isLocalDatabase(url)) return null
  // Asked for by name, the setting is an error to a login without the right; in the list it is left out.
  const [row] = await db.execute<{ setting: string; pid: number }>(sql`
    SELECT setting, pg_backend_pid() AS pid FROM pg_settings WHERE name = 'data_directory'`)
  if (row === undefined) return null
  // Below a folder it may not enter the server has its files by a descriptor, a name only it knows; it stands in them.
  const folder = row.setting.startsWith('/proc/self/') ? `/proc/${row.pid}/cwd` : row.setting
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch {
    // Behind a loopback there may be a container with a file system of its own.
    return null
  }
}
