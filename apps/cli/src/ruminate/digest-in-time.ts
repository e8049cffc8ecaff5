import type { ReadArchive } from '@rumen/db/archive/read-archives'
import { type DigestLimits, digestArchive, type GroupingConfigs } from '@rumen/digest/digest-archive'
import type { ItemDigest } from '@rumen/digest/item-digest'
import { eachWithinTime, OutOfTimeError } from '@rumen/digest/within-time'

/** For one archive, as in the worker. What takes longer was made to. */
const ARCHIVE_MS_MAX = 5_000

/**
 * What each archive says today, in their order. Null for one that takes too long, and for those `configsOf` gives null for, which
 * are not looked at; `left` from where on `isFull` says so.
 */
export function digestInTime(
  archives: readonly ReadArchive[],
  configsOf: (archive: ReadArchive) => GroupingConfigs | null,
  { limits, isFull = () => false }: { limits: DigestLimits; isFull?: (items: readonly ItemDigest[] | null) => boolean },
): readonly (readonly ItemDigest[] | null)[] {
  let full = false
  const digests = eachWithinTime(ARCHIVE_MS_MAX, archives, (archive) => {
    if (full) return 'left'
    const configs = configsOf(archive)
    const items = configs && digestArchive(archive, configs, limits)
    full = isFull(items)
    return items
  })
  return digests.filter((one) => one !== 'left').map((one) => (one instanceof OutOfTimeError ? null : one))
}
