import type { Day } from '@rumen/db/partition/day'
import { openDropper } from '@rumen/db/partition/open-dropper'
import type { PartitionedTable } from '@rumen/db/partition/partitioned-tables'

/** Drops a day of a table, as the retention does. */
export async function dropDay(databaseUrl: string, partition: { table: PartitionedTable; day: Day }): Promise<void> {
  const dropper = openDropper(databaseUrl)
  await dropper.drop(partition).finally(dropper.close)
}
