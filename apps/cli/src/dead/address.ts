import type { ArchiveAddress } from '@rumen/db/archive/archive-row'
import type { DeadJob } from '@rumen/db/dead/list-dead'
import { readDigestJob } from '@rumen/queue/digest-queue'

/** The archive a dead job was about; null for data no gateway wrote. */
export function deadAddress({ data }: DeadJob): ArchiveAddress | null {
  const job = readDigestJob(data)
  return job && { projectId: job.project_id, day: job.day, hash: job.hash }
}
