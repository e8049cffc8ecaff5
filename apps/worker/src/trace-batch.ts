import { readDigestJob } from '@rumen/queue/digest-queue'
import type { ClaimedJob } from '@rumen/queue/start-consumer'
import type { TraceSpan, Tracing } from '@rumen/telemetry/tracing'

/**
 * Digests a batch under a span of its own and, for each job that brings a trace along, one in that trace: from here on it is
 * seen how long an event waited, and which batch it was in. Without tracing it only digests.
 */
export async function traceBatch(
  tracing: Tracing | null,
  jobs: readonly ClaimedJob[],
  digest: () => Promise<readonly ClaimedJob[]>,
): Promise<readonly ClaimedJob[]> {
  if (!tracing) return await digest()
  const traced = jobs.flatMap((job) => {
    const parent = readDigestJob(job.data)?.traceparent
    return parent === undefined ? [] : [{ job, parent }]
  })
  const batch = tracing.start('digest batch', {
    kind: 'internal',
    links: traced.map(({ parent }) => parent),
    attributes: { 'rumen.jobs': jobs.length },
  })
  const spans = new Map<ClaimedJob, TraceSpan>()
  for (const { job, parent } of traced) {
    const attributes = { 'rumen.queue': job.queue, 'rumen.attempt': job.retryCount + 1 }
    spans.set(job, tracing.start('digest', { kind: 'consumer', parent, links: [batch.traceparent], attributes }))
  }
  try {
    const left = await digest()
    // They come with another batch.
    for (const job of left) spans.get(job)?.set({ 'rumen.postponed': true })
    return left
  } catch (error) {
    for (const span of [batch, ...spans.values()]) span.fail(error)
    throw error
  } finally {
    for (const span of [batch, ...spans.values()]) span.end()
  }
}
