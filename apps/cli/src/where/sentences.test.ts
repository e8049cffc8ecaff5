import type { Sighting } from '@rumen/db/where/find-event'
import type { JobState } from '@rumen/db/where/find-jobs'
import type { Trace } from '@rumen/db/where/find-traces'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseProjectId } from '@rumen/protocol/project-id'
import { expect, test } from 'vitest'
import { sentencesOf } from './sentences.ts'

const ID = parseEventId('a'.repeat(32)) ?? expect.fail()
const HASH = '1'.repeat(64)
const AT = new Date('2026-11-26T10:00:00Z')
const CAME = `received 2026-11-26T10:00:00.000Z, archive 2026-11-26 ${HASH}.`

const TRACE: Trace = {
  kind: 'archive',
  projectId: parseProjectId('1'),
  project: 'shop',
  day: '2026-11-26',
  hash: HASH,
  receivedAt: AT,
  endedAt: null,
  name: null,
  code: null,
  message: null,
}

function kept(given: Partial<Trace>): Sighting {
  return { kind: 'kept', trace: { ...TRACE, ...given } }
}

function queued(job: JobState): Sighting {
  return { kind: 'queued', trace: TRACE, job }
}

const WAITING = { state: 'waiting', queue: 'digest', tries: 0, notBefore: AT, ahead: 0, isMore: false } as const

test.for<[string, Sighting]>([
  [
    `stored in issue shop-12, digested 2026-11-26T10:00:00.000Z; ${CAME}`,
    kept({ kind: 'stored', name: 'shop-12', endedAt: AT }),
  ],
  [
    `its event was rejected 2026-11-26T10:00:00.000Z because of bad_json: it ends too early; ${CAME}`,
    kept({ kind: 'rejected', name: 'event', code: 'bad_json', message: 'it ends too early', endedAt: AT }),
  ],
  [`a file came with it, log.txt; ${CAME}`, kept({ kind: 'attachment', name: 'log.txt' })],
  [`a user's feedback about it is stored; ${CAME}`, kept({ kind: 'feedback' })],
  [`stored as a transaction; ${CAME}`, kept({ kind: 'transaction' })],
  [
    `received again 2026-11-26T10:00:00.000Z, a duplicate of archive 2026-11-25 ${HASH}; archive 2026-11-26 ${HASH}.`,
    { kind: 'duplicate', trace: TRACE, of: { ...TRACE, day: '2026-11-25' } },
  ],
  [`waiting, position 1 in queue digest; ${CAME}`, queued(WAITING)],
  [
    `waiting after 2 tries, behind more than 100000 others in queue digest, not before 2026-11-26T10:00:00.000Z; ${CAME}`,
    queued({ ...WAITING, tries: 2, ahead: 100_000, isMore: true }),
  ],
  [
    `being digested since 2026-11-26T10:00:00.000Z; ${CAME}`,
    queued({ state: 'digesting', queue: 'digest', tries: 1, since: AT }),
  ],
  [
    `given up 2026-11-26T10:00:00.000Z after 13 tries: the disk is full (\`rumen dead retry 7\`); ${CAME}`,
    queued({ state: 'dead', id: '7', tries: 13, since: AT, reason: 'the disk is full' }),
  ],
  [`digested, and but for its number in the ledger nothing is kept of it; ${CAME}`, { kind: 'counted', trace: TRACE }],
  [
    'counted on 2026-11-26 and removed since: its time was over, its issue was deleted or its user erased.',
    { kind: 'removed', trace: TRACE },
  ],
])('%s', ([sentence, sighting]) => {
  const door = { refusals: [{ project: 'shop', outcome: 'rate_limited', reason: '', quantity: 1 }], spooled: 1 }
  expect(sentencesOf(ID, { sightings: [sighting], door }, 24)).toEqual([`In project shop: ${sentence}`])
})

test('of what was never seen it is said what was refused, and what may still come', () => {
  const door = {
    refusals: [
      { project: 'shop', outcome: 'rate_limited', reason: 'quota', quantity: 7 },
      { project: null, outcome: 'unauthorized', reason: '', quantity: 2 },
    ],
    spooled: 3,
  }
  expect(sentencesOf(ID, { sightings: [], door }, 24)).toEqual([
    `Event ${ID} was never seen, but 9 requests were refused in the last 24 hours:`,
    '  7 rate_limited (quota) of project shop',
    '  2 unauthorized without a key that opens a project',
    '3 requests wait in the spools of the gateways: it may be one of them.',
  ])
})
