import { describe, expect, test } from 'vitest'
import { correctClock, parseTimestamp } from './clock.ts'

const AT = Date.UTC(2011, 4, 2, 17, 41, 36)

describe('a timestamp', () => {
  test.each<[unknown, number]>([
    ['2011-05-02T17:41:36Z', AT],
    ['2011-05-02T17:41:36', AT],
    ['2011-05-02t17:41:36z', AT],
    ['2011-05-02 17:41:36', AT],
    ['2011-05-02T17:41:36.000', AT],
    ['2011-05-02T17:41:36.123456789Z', AT + 123],
    ['2011-05-02T17:41:36.999999Z', AT + 999],
    ['2011-05-02T19:41:36+02:00', AT],
    ['2011-05-02T12:11:36-0530', AT],
    ['2011-05-02T17:41:36 UTC', AT],
    [' 2011-05-02T17:41:36Z ', AT],
    [1304358096, AT],
    [1304358096.123456, AT + 123],
    [1304358096123, AT + 123],
    ['1304358096', AT],
    ['1304358096.5', AT + 500],
    [0, 0],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['2016-12-31T23:59:60Z', Date.UTC(2017, 0, 1)],
    ['9999-12-31T23:59:59Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])('%j is understood', (value, expected) => {
    expect(parseTimestamp(value)).toBe(expected)
  })
  test.each([
    undefined,
    null,
    true,
    {},
    [1],
    '',
    'now',
    '2011-05-02',
    '17:41:36',
    '2011-13-02T00:00:00Z',
    '2011-02-30T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2011-05-02T24:00:00Z',
    '2011-05-02T17:41:61Z',
    '2011-05-02T17:60:00Z',
    '1969-12-31T23:59:59Z',
    '0099-01-01T00:00:00Z',
    '10000-01-01T00:00:00Z',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    1e300,
    'x'.repeat(100_000),
  ])('%j is none', (value) => {
    expect(parseTimestamp(value)).toBeNull()
  })
})

describe('the time of an event', () => {
  const received = Date.UTC(2026, 0, 31, 12)
  const [MINUTE, DAY] = [60_000, 86_400_000]
  const at = (timestamp: number | null, sent: number | null) =>
    correctClock(timestamp, sent === null ? null : new Date(sent), new Date(received)).getTime() - received

  test('is the moment of receipt when the event names none', () => {
    expect(at(null, null)).toBe(0)
    expect(at(null, received - 2 * DAY)).toBe(0)
  })
  test('is kept when the clocks agree', () => {
    expect(at(received - 5 * MINUTE, received - MINUTE)).toBe(-5 * MINUTE)
    expect(at(received - 5 * MINUTE, null)).toBe(-5 * MINUTE)
  })
  test('is shifted by a drift of 55 minutes and more, not by less', () => {
    expect(at(received - 56 * MINUTE, received - 55 * MINUTE)).toBe(-MINUTE)
    expect(at(received + 54 * MINUTE, received + 55 * MINUTE)).toBe(-MINUTE)
    expect(at(received - 56 * MINUTE, received - 55 * MINUTE + 1)).toBe(-56 * MINUTE)
  })
  test('of an offline SDK is old and stays old, because its sent_at is fresh', () => {
    expect(at(received - 20 * DAY, received)).toBe(-20 * DAY)
  })
  test('is now when it lies more than a minute ahead', () => {
    expect(at(received + MINUTE, null)).toBe(MINUTE)
    expect(at(received + MINUTE + 1, null)).toBe(0)
  })
  test('is now when it lies more than 30 days back', () => {
    expect(at(received - 30 * DAY, null)).toBe(-30 * DAY)
    expect(at(received - 30 * DAY - 1, null)).toBe(0)
    expect(at(0, null)).toBe(0)
  })
})
