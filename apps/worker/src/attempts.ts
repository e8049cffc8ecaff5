import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import { archiveAddress } from '@rumen/db/archive/read-archives'
import { readAttempts } from '@rumen/db/attempt/read-attempts'
import { recordAttempt } from '@rumen/db/attempt/record-attempt'
import { withdrawAttempts } from '@rumen/db/attempt/withdraw-attempts'
import type { Db } from '@rumen/db/connect'
import { readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob } from '@rumen/queue/start-consumer'

/**
 * How often jobs were digested by themselves without coming to an end. Jobs whose data is no archive's address have no
 * attempts: nothing can be looked at or reported of them, and they end among the dead.
 */
export interface Attempts {
  read(jobs: readonly ClaimedJob[]): Promise<ReadonlyMap<ClaimedJob, number>>
  /** Counts one that begins now, or just failed; gives how many there are with it. */
  record(job: ClaimedJob): Promise<number>
  /** Takes back one of each job, where there is one. */
  withdraw(jobs: readonly ClaimedJob[]): Promise<void>
}

/** `onRecorded` hears of each that is counted. */
export function createAttempts(db: Db, onRecorded: () => void = () => undefined): Attempts {
  return {
    async read(jobs) {
      const counts = await readAttempts(db, addressesOf(jobs))
      return new Map(
        jobs.map((job) => {
          const address = addressOf(job)
          return [job, (address && counts.get(archiveAddress(address))) ?? 0]
        }),
      )
    },
    async record(job) {
      onRecorded()
      const address = addressOf(job)
      return address ? await recordAttempt(db, address) : 0
    },
    withdraw: (jobs) => withdrawAttempts(db, addressesOf(jobs)),
  }
}

function addressesOf(jobs: readonly ClaimedJob[]): ArchiveAddress[] {
  return jobs.map(addressOf).filter((address) => address !== null)
}

function addressOf(job: ClaimedJob): ArchiveAddress | null {
  const data = readDigestJob(job.data)
  return data && { projectId: data.project_id, day: data.day, hash: data.hash }
}
