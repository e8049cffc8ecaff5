import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Contribution, contributionOf, mergeSession, type SessionState, transition } from './merge-session.ts'
import { SESSION_STATUSES, type SessionStatus, type SessionUpdate } from './read-session.ts'

const NOON = Date.UTC(2026, 10, 21, 12)
const HOUR = 60 * 60 * 1000

function makeUpdate(seq: number, changes: Partial<SessionUpdate> = {}): SessionUpdate {
  const status = changes.status ?? 'ok'
  return {
    sid: 'e3ad7a4e-9ff6-4ba9-8f1c-0a4c5a4b9b7e',
    did: null,
    seq,
    startedAt: new Date(NOON),
    timestamp: new Date(NOON),
    errors: status === 'ok' || status === 'exited' ? 0 : 1,
    duration: null,
    abnormalMechanism: null,
    release: 'shop@1',
    environment: null,
    ...changes,
    status,
  }
}

function merge(updates: readonly SessionUpdate[], row: SessionState | null = null): SessionState {
  return updates.reduce<SessionState | null>(mergeSession, row) ?? expect.fail('no updates')
}

/** Each order of up to four updates. */
function orders<T>(all: readonly T[]): T[][] {
  if (all.length < 2) return [[...all]]
  return all.flatMap((first, at) => orders(all.toSpliced(at, 1)).map((rest) => [first, ...rest]))
}

function expectInAnyOrder(updates: readonly SessionUpdate[], state: Partial<SessionState>): void {
  for (const order of orders(updates)) expect(merge(order)).toMatchObject(state)
}

describe('the status of a session, in whatever order its updates come', () => {
  const of = (seq: number, status: SessionStatus, duration: number | null = null) =>
    makeUpdate(seq, { status, duration })
  test.for<[string, SessionUpdate[], Partial<SessionState>]>([
    ['is running until one ends it', [of(0, 'ok'), of(5, 'ok', 9)], { status: 'ok', statusSeq: 5, duration: 9 }],
    [
      'is its end, even before a later ok',
      [of(0, 'ok'), of(1, 'exited', 3), of(2, 'ok', 4)],
      { status: 'exited', duration: 3 },
    ],
    [
      'is its first end: what comes after is ignored',
      [of(0, 'ok'), of(1, 'exited'), of(2, 'crashed')],
      { status: 'exited' },
    ],
    [
      'is the graver of two ends of one seq',
      [of(1, 'exited'), of(1, 'crashed'), of(1, 'abnormal')],
      { status: 'crashed' },
    ],
    [
      'is abnormal rather than unhandled',
      [of(1, 'unhandled'), of(1, 'abnormal'), of(1, 'errored')],
      { status: 'abnormal' },
    ],
    [
      'is unhandled rather than errored',
      [of(1, 'unhandled'), of(1, 'errored'), of(1, 'exited')],
      { status: 'unhandled' },
    ],
    ['needs no first update', [of(7, 'crashed', 1)], { status: 'crashed', statusSeq: 7, duration: 1 }],
  ])('%s', ([, updates, state]) => expectInAnyOrder(updates, state))

  test('takes its mechanism along', () => {
    const updates = [
      makeUpdate(0, { abnormalMechanism: 'anr_background' }),
      makeUpdate(2, { status: 'abnormal', abnormalMechanism: 'anr_foreground' }),
      makeUpdate(3, { status: 'crashed' }),
    ]
    expectInAnyOrder(updates, { status: 'abnormal', abnormalMechanism: 'anr_foreground' })
  })
})

describe('in whatever order the updates come', () => {
  test('the earliest start and the most errors count', () => {
    const updates = [makeUpdate(0, { errors: 2 }), makeUpdate(1, { startedAt: new Date(NOON - 5) }), makeUpdate(2)]
    expectInAnyOrder(updates, { startedAt: new Date(NOON - 5), errors: 2 })
  })
  test('release, environment and user are those of the first update that names them', () => {
    const updates = [
      makeUpdate(1, { release: 'b' }),
      makeUpdate(2, { release: 'a', environment: 'production', did: 'mia' }),
      makeUpdate(3, { release: 'a', environment: 'staging', did: 'ann' }),
    ]
    expectInAnyOrder(updates, { release: 'b', releaseSeq: 1, environment: 'production', did: 'mia', didSeq: 2 })
  })
  test('of two first updates the smaller text is taken', () => {
    const updates = [makeUpdate(0, { release: 'b', did: 'x' }), makeUpdate(0, { release: 'a', did: 'y' })]
    expectInAnyOrder(updates, { release: 'a', did: 'x' })
  })
})

describe('a session counts', () => {
  test.for<[SessionStatus, number, Partial<Contribution>]>([
    ['ok', 0, { errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }],
    ['exited', 0, { errored: 0, unhandled: 0, abnormal: 0, crashed: 0 }],
    ['ok', 3, { errored: 1, unhandled: 0, abnormal: 0, crashed: 0 }],
    ['errored', 1, { errored: 1, unhandled: 0, abnormal: 0, crashed: 0 }],
    ['unhandled', 1, { errored: 1, unhandled: 1, abnormal: 0, crashed: 0 }],
    ['abnormal', 1, { errored: 1, unhandled: 0, abnormal: 1, crashed: 0 }],
    ['crashed', 1, { errored: 1, unhandled: 0, abnormal: 0, crashed: 1 }],
  ])('as one, %s with %i errors', ([status, errors, counts]) => {
    const state = merge([makeUpdate(0, { status, errors })])
    expect(contributionOf(state)).toMatchObject({ sessions: 1, ...counts })
  })
  test('in the hour it started', () => {
    const state = merge([makeUpdate(0, { startedAt: new Date(NOON + HOUR - 1) })])
    expect(contributionOf(state).hour).toEqual(new Date(NOON))
  })
})

describe('a change of a session', () => {
  const before = merge([makeUpdate(1)])
  test('that repeats what is known counts nothing', () => {
    expect(transition(before, merge([makeUpdate(1), makeUpdate(2)], before))).toEqual([])
  })
  test('in one place is the difference', () => {
    const crashed = merge([makeUpdate(2, { status: 'crashed' })], before)
    const counts = { sessions: 0, errored: 1, unhandled: 0, abnormal: 0, crashed: 1 }
    expect(transition(before, crashed)).toEqual([{ ...contributionOf(crashed), ...counts }])
  })
  test.for<[string, Partial<SessionUpdate>, Partial<Contribution>]>([
    ['hour', { startedAt: new Date(NOON - 1) }, { hour: new Date(NOON - HOUR) }],
    ['release', { release: 'shop@0' }, { release: 'shop@0' }],
    ['environment', { environment: 'staging' }, { environment: 'staging' }],
    ['did', { did: 'mia' }, { did: 'mia' }],
  ])('of its %s takes it from one place to the other', ([, changes, place]) => {
    const after = merge([makeUpdate(0, changes)], before)
    expect(transition(before, after)).toMatchObject([
      { hour: new Date(NOON), release: 'shop@1', environment: null, did: null, sessions: -1, errored: 0 },
      { ...place, sessions: 1, errored: 0 },
    ])
  })
})

const updates = fc
  .record({
    seq: fc.nat(4),
    startedAt: fc.constantFrom(-HOUR, 0, HOUR).map((ms) => new Date(NOON + ms)),
    status: fc.constantFrom(...SESSION_STATUSES),
    errors: fc.nat(2),
    duration: fc.constantFrom(null, 0, 1.5),
    abnormalMechanism: fc.constantFrom(null, 'anr_background', 'anr_foreground'),
    release: fc.constantFrom('a', 'b', 'c'),
    environment: fc.constantFrom(null, 'x', 'y'),
    did: fc.constantFrom(null, 'mia', 'ann'),
  })
  .map(({ seq, ...changes }) => {
    const isError = changes.status !== 'ok' && changes.status !== 'exited'
    return makeUpdate(seq, { ...changes, errors: Math.max(changes.errors, isError ? 1 : 0) })
  })

/** A stream, and the same shuffled, with some of it twice and cut into batches. */
const streams = fc.array(updates, { minLength: 1, maxLength: 8 }).chain((clean) =>
  fc.record({
    clean: fc.constant(clean),
    batches: fc
      .tuple(
        fc.shuffledSubarray(clean, { minLength: clean.length }),
        fc.array(fc.constantFrom(...clean), { maxLength: 4 }),
        fc.nat(12),
      )
      .map(([shuffled, again, at]) => {
        const all = [...shuffled, ...again]
        return [all.slice(0, at), all.slice(at)].filter((batch) => batch.length > 0)
      }),
  }),
)

/** The roll-ups after each batch has added its changes; places that have come to nothing left out. */
function rollUp(batches: readonly (readonly SessionUpdate[])[]) {
  const sums = new Map<string, number[]>()
  let row: SessionState | null = null
  for (const batch of batches) {
    const after = merge(batch, row)
    for (const { hour, release, environment, did, ...counts } of transition(row, after)) {
      const place = JSON.stringify([hour, release, environment, did])
      const sum = sums.get(place) ?? []
      sums.set(
        place,
        Object.values(counts).map((count, at) => (sum[at] ?? 0) + count),
      )
    }
    row = after
  }
  const places = [...sums].filter(([, counts]) => counts.some((count) => count !== 0))
  return { row, places }
}

test('any order, repetition and split of the updates gives the same session and the same roll-ups', () => {
  fc.assert(
    fc.property(streams, ({ clean, batches }) => {
      expect(rollUp(batches)).toEqual(rollUp([clean]))
    }),
    { seed: 20261121, numRuns: 5_000 },
  )
})
