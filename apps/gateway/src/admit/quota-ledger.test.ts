import { parseProjectId } from '@rumen/protocol/project-id'
import { describe, expect, test } from 'vitest'
import { createQuotaLedger } from './quota-ledger.ts'

const PROJECTS_MAX = 20_000
const SHOP = parseProjectId('1')
const START = Date.parse('2026-11-26T11:59:30Z')
const HOUR_MS = 3_600_000

describe('a moment belongs to', () => {
  test.for([
    ['minute', '2026-11-26T11:59:30.500Z', '2026-11-26T11:59:00.000Z', '2026-11-26T12:00:00.000Z'],
    ['minute', '2026-11-26T12:00:00.000Z', '2026-11-26T12:00:00.000Z', '2026-11-26T12:01:00.000Z'],
    ['hour', '2026-12-31T23:59:59.999Z', '2026-12-31T23:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['month', '2028-02-29T12:00:00.000Z', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
  ] as const)('the %s of %s, which begins at %s and ends at %s', ([period, moment, start, end]) => {
    const { startsAtMs, endsAtMs } = createQuotaLedger().find(SHOP, period, Date.parse(moment))
    expect([startsAtMs, endsAtMs].map((ms) => new Date(ms).toISOString())).toEqual([start, end])
  })
})

test('a clock that is set back finds the period of its time', () => {
  const ledger = createQuotaLedger()
  ledger.find(SHOP, 'minute', START).unsent++
  expect(ledger.find(SHOP, 'minute', START - 60_000)).toMatchObject({ startsAtMs: START - 90_000, unsent: 0 })
  expect(ledger.take().map(({ count }) => count)).toEqual([1, 0])
})

test('what is counted while a statement is under way is neither lost nor sent twice', () => {
  const ledger = createQuotaLedger()
  const count = () => ledger.find(SHOP, 'hour', START).unsent++
  count()
  const sent = ledger.take()
  count()
  ledger.settle(sent, [{ project_id: SHOP, period: 'hour', starts_at: new Date(START - 3_570_000), used: 51 }])
  expect(ledger.find(SHOP, 'hour', START)).toMatchObject({ known: 51, unsent: 1 })
  expect(ledger.take().map((one) => one.count)).toEqual([1])
})

test('a project too many makes it forget the sums, not what was counted', () => {
  const ledger = createQuotaLedger()
  ledger.find(SHOP, 'hour', START).unsent = 7
  for (let n = 2; n <= PROJECTS_MAX; n++) ledger.find(parseProjectId(`${n}`), 'hour', START)
  expect(ledger.find(SHOP, 'hour', START).unsent).toBe(7)
  ledger.find(parseProjectId(`${PROJECTS_MAX + 1}`), 'hour', START)
  expect(ledger.find(SHOP, 'hour', START).unsent).toBe(0)
  expect(ledger.take().reduce((sum, { count }) => sum + count, 0)).toBe(7)
})

test('however long the database is away, what waits for it is bounded', () => {
  const ledger = createQuotaLedger()
  for (let hours = 0; hours < 7; hours++) {
    for (let n = 1; n <= 10_000; n++) ledger.find(parseProjectId(`${n}`), 'hour', START + hours * HOUR_MS).unsent++
    ledger.restore(ledger.take())
  }
  expect(ledger.take()).toHaveLength(3 * PROJECTS_MAX)
})
