import type { Receipt } from '@rumen/db/person/list-receipts'

/** A receipt as JSON. */
export function describeReceipt({ projectId, id, subjectHash, requestedAt, finishedAt, erased }: Receipt) {
  return {
    project_id: projectId,
    receipt: id,
    subject_hash: subjectHash,
    requested_at: requestedAt,
    finished_at: finishedAt,
    erased,
  }
}

/** On one line: what was erased, and not of whom. */
export function receiptInWords({ projectId, id, subjectHash, requestedAt, finishedAt, erased }: Receipt): string {
  const counts = Object.entries(erased).filter(([, count]) => count > 0)
  const what = counts.map(([name, count]) => `${count} × ${name}`).join(', ')
  const state = finishedAt === null ? 'not finished: erase again' : `finished ${finishedAt.toISOString()}`
  return [
    `project ${projectId}`,
    `receipt ${id}`,
    subjectHash,
    `requested ${requestedAt.toISOString()}`,
    state,
    what === '' ? 'nothing' : what,
  ].join('\t')
}
