import type { ReadArchive } from '@rumen/db/archive/read-archives'
import type { Db } from '@rumen/db/connect'
import { type ConfigAddress, readConfigs } from '@rumen/db/grouping-config/read-configs'
import type { GroupingConfigs } from '@rumen/digest/digest-archive'
import { type GroupingConfig, readConfig } from '@rumen/grouping/config'
import { createBoundedCache } from './bounded-cache.ts'

/** How the events of an archive are grouped. */
export interface KnownConfigs {
  /** Reads what archives name and is not known yet, and has it at hand until the next call. */
  learn(archives: readonly ReadArchive[]): Promise<void>
  /** Of an archive of that call; null for what this version of Rumen does not know: a newer one has moved the project. */
  of(archive: ReadArchive): GroupingConfigs | null
}

const CACHED_CONFIGS_MAX = 10_000

/** A worker's memory of how projects group. Versions never change: one that was read is right for good. */
export function createGroupingConfigs(db: Db): KnownConfigs {
  const remembered = createBoundedCache<GroupingConfig | null>(CACHED_CONFIGS_MAX)
  // What is learnt beside them must not push out those of the archives in hand.
  let inHand: ReadonlyMap<string, GroupingConfig | null> = new Map()
  const find = (projectId: ReadArchive['projectId'], version: number) =>
    inHand.get(addressOf({ projectId, version })) ?? null
  return {
    async learn(archives) {
      const known = new Map<string, GroupingConfig | null>()
      const unknown = new Map<string, ConfigAddress>()
      for (const address of archives.flatMap(addressesOf)) {
        const config = remembered.get(addressOf(address))
        if (config === undefined) unknown.set(addressOf(address), address)
        else known.set(addressOf(address), config)
      }
      for (const stored of await readConfigs(db, [...unknown.values()])) {
        const config = readConfig(stored)
        known.set(addressOf(stored), config)
        remembered.set(addressOf(stored), config)
      }
      inHand = known
    },
    of({ projectId, groupingVersion, formerGroupingVersion }) {
      const current = find(projectId, groupingVersion)
      // Without the former rules a key that is new only to these would begin an issue of its own.
      const former = formerGroupingVersion === null ? null : find(projectId, formerGroupingVersion)
      if (current === null || (formerGroupingVersion !== null && former === null)) return null
      return { current, former }
    },
  }
}

function addressesOf({ projectId, groupingVersion, formerGroupingVersion }: ReadArchive): ConfigAddress[] {
  const versions = formerGroupingVersion === null ? [groupingVersion] : [groupingVersion, formerGroupingVersion]
  return versions.map((version) => ({ projectId, version }))
}

function addressOf({ projectId, version }: ConfigAddress): string {
  return `${projectId} ${version}`
}
