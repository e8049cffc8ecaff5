import { expect, test } from 'vitest'
import { readDigestJob } from './digest-queue.ts'

const JOB = { project_id: '18446744073709551615', day: '2026-11-21', hash: 'a0'.repeat(32) }

test('a job is an archive’s address, its project larger than any JavaScript number', () => {
  expect(readDigestJob(JOB)).toEqual(JOB)
})

test.for([
  ['no object', 'digest'],
  ['null', null],
  ['no project', { ...JOB, project_id: undefined }],
  ['a project that is no number', { ...JOB, project_id: '1; DROP TABLE archive' }],
  ['a project as a number', { ...JOB, project_id: 1 }],
  ['a day that is none', { ...JOB, day: '2026-13-01' }],
  ['a day with a time', { ...JOB, day: '2026-11-21T00:00:00Z' }],
  ['a short hash', { ...JOB, hash: 'a0' }],
  ['a hash in capitals', { ...JOB, hash: 'A0'.repeat(32) }],
] as const)('data no gateway of ours wrote is null: %s', ([, data]) => {
  expect(readDigestJob(data)).toBeNull()
})
