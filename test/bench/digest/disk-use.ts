import type { Sql } from 'postgres'

/** Bytes on disk by table, its indexes and long values included; partitions are one table. */
export type DiskUse = ReadonlyMap<string, number>

/** Every table of the product and of its queue. */
export async function readDiskUse(sql: Sql): Promise<DiskUse> {
  const rows = await sql<{ name: string; bytes: number }[]>`
    SELECT coalesce(pg_partition_root(oid), oid)::regclass::text AS name, sum(pg_total_relation_size(oid))::float8 AS bytes
    FROM pg_class
    WHERE relkind = 'r' AND relnamespace IN ('public'::regnamespace, 'pgboss'::regnamespace)
    GROUP BY 1`
  return new Map(rows.map(({ name, bytes }) => [name, bytes]))
}

/** What each table grew by for each of so many events, largest first. */
export function grownPerEvent(before: DiskUse, after: DiskUse, events: number): [name: string, bytes: number][] {
  return [...after]
    .map(([name, bytes]): [string, number] => [name, (bytes - (before.get(name) ?? 0)) / events])
    .sort(([, a], [, b]) => b - a)
}
