import { describe, expect, test } from 'vitest'
import { type IssueState, transitionOf } from './issue-transition.ts'

const HASH = '0123456789abcdef0123456789abcdef01234567'
const RESOLVED_AT = at('12:00')
const NOW = at('18:00')

function at(time: string): Date {
  return new Date(`2026-11-21T${time}:00Z`)
}

const UNRESOLVED: IssueState = {
  status: 'unresolved',
  resolved_at: null,
  resolved_in_release: null,
  muted_until: null,
  muted_until_count: null,
  event_count: 100,
}

/** The newest event of each release in the batch. */
type Seen = readonly (readonly [release: string | null, occurred: string])[]

function afterSeeing(issue: Partial<IssueState>, seen: Seen, count = seen.length) {
  const newestByRelease = new Map(seen.map(([release, occurred]) => [release, at(occurred)]))
  return transitionOf({ ...UNRESOLVED, ...issue }, { count, newestByRelease }, NOW)
}

describe('a resolved issue', () => {
  test.for<[name: string, inRelease: string | null, seen: Seen, reopenedBy: string | null | false]>([
    ['an event after it was resolved', null, [['1.0', '12:01']], '1.0'],
    ['one that names no release', null, [[null, '12:01']], null],
    ['one that was under way', null, [['1.0', '11:59']], false],
    ['one of the very moment', null, [['1.0', '12:00']], false],
    ['no event at all', null, [], false],
    ['an older release', '2.0', [['1.9', '12:01']], false],
    ['an older release of its package', 'shop@2.0', [['shop@1.9', '17:59']], false],
    ['a pre-release of the fixed one', '2.0', [['2.0-rc.1', '12:01']], false],
    ['an older build', '2.0+7', [['2.0+6', '12:01']], false],
    ['the release with the fix', '2.0', [['2.0', '12:01']], '2.0'],
    ['the release with the fix, before anybody said so', '2.0', [['2.0', '11:00']], '2.0'],
    ['a newer release, whatever its clock says', '2.0', [['2.1', '03:00']], '2.1'],
    ['the same commit', HASH, [[HASH, '11:00']], HASH],
    ['another commit, later', HASH, [['abc', '12:01']], 'abc'],
    ['another commit, earlier', HASH, [['abc', '11:59']], false],
    ['another package, later', 'shop@2.0', [['till@1.0', '12:01']], 'till@1.0'],
    ['another package, earlier', 'shop@2.0', [['till@3.0', '11:59']], false],
    ['no release, later', '2.0', [[null, '12:01']], null],
    ['no release, earlier', '2.0', [[null, '11:59']], false],
  ])('%s (fixed in %s)', ([, resolved_in_release, seen, reopenedBy]) => {
    const transition = afterSeeing({ status: 'resolved', resolved_at: RESOLVED_AT, resolved_in_release }, seen)
    const regressed = { kind: 'regressed', data: { release: reopenedBy, resolved_in_release } }
    expect(transition).toEqual(reopenedBy === false ? null : { status: 'unresolved', activity: regressed })
  })

  test('is reopened by one event of many, and says which release, in whatever order they come', () => {
    const issue = { status: 'resolved', resolved_at: RESOLVED_AT, resolved_in_release: '2.0' }
    const seen: Seen = [
      ['1.9', '17:00'],
      ['2.3', '13:00'],
      ['2.1', '14:00'],
      ['2.2', '14:00'],
      [null, '11:00'],
    ]
    for (const order of [seen, seen.toReversed(), [...seen.slice(2), ...seen.slice(0, 2)]]) {
      expect(afterSeeing(issue, order)?.activity.data).toEqual({ release: '2.2', resolved_in_release: '2.0' })
    }
  })
})

describe('a muted issue', () => {
  test.for<[name: string, terms: Partial<IssueState>, count: number, reason: 'time' | 'volume' | null]>([
    ['for good', {}, 1_000_000, null],
    ['until later', { muted_until: at('18:01') }, 1, null],
    ['until now', { muted_until: at('18:00') }, 1, 'time'],
    ['until a while ago', { muted_until: at('17:00') }, 1, 'time'],
    ['for more events than come', { muted_until_count: 110 }, 9, null],
    ['for as many events as come', { muted_until_count: 110 }, 10, 'volume'],
    ['for fewer events than come', { muted_until_count: 110 }, 11, 'volume'],
    ['until later, or for events that come', { muted_until: at('19:00'), muted_until_count: 101 }, 1, 'volume'],
    ['until a while ago, or for many events', { muted_until: at('17:00'), muted_until_count: 999 }, 1, 'time'],
    ['until a while ago, and nothing new came', { muted_until: at('17:00') }, 0, null],
  ])('%s', ([, terms, count, reason]) => {
    const transition = afterSeeing({ status: 'muted', ...terms }, [['1.0', '17:59']], count)
    const unmuted = { status: 'unresolved', activity: { kind: 'unmuted', data: { reason } } }
    expect(transition).toEqual(reason === null ? null : unmuted)
  })
})

test.for(['unresolved', 'deleting', 'of the future'])('an issue that is %s stays so', (status) => {
  const terms = { resolved_at: RESOLVED_AT, muted_until: RESOLVED_AT, muted_until_count: 1 }
  expect(afterSeeing({ status, ...terms }, [['1.0', '17:59']])).toBeNull()
})
