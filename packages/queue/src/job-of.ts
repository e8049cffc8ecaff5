import type { ProjectId } from '@rumen/protocol/brand'
import type { NewJob } from './start-sender.ts'

/** The job that has an archive digested: its address, and the trace it belongs to. */
export function jobOf(
  { projectId, day, hash }: { projectId: ProjectId; day: string; hash: Buffer },
  { queue, priority, traceparent }: Pick<NewJob, 'queue' | 'priority' | 'traceparent'>,
): NewJob {
  const address = { project_id: projectId, day, hash: hash.toString('hex') }
  return { ...address, ...(traceparent !== undefined && { traceparent }), queue, priority }
}
