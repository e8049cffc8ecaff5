import { describe, expect, test } from 'vitest'
import { type Limit, retryAfterSecs } from '../admit/limit.ts'
import { rateLimitHeaders } from './rate-limit-headers.ts'

const SCOPES = ['organization', 'project', 'key'] as const
const FREE = ['session', 'internal', 'monitor']

/** Any limit there can be: the pause of some wait, from nothing to two months. */
function makeLimit(waitMs: number, scope: Limit['scope']): Limit {
  return { reason: 'project', scope, retryAfterSecs: retryAfterSecs(waitMs), detail: 'too many' }
}

const LIMITS = SCOPES.flatMap((scope) =>
  [
    0,
    0.001,
    1,
    999,
    1000,
    1000.5,
    59_999,
    299_000,
    299_001,
    300_000,
    300_001,
    5e9,
    ...Array.from({ length: 200 }, (_, n) => n * n * 7.3),
  ].map((waitMs) => makeLimit(waitMs, scope)),
)

function headerOf(limit: Limit): string {
  return rateLimitHeaders(limit)['X-Sentry-Rate-Limits'] ?? ''
}

/** Seconds by category; '' stands for everything. */
type Parsed = ReadonlyMap<string, number>

/**
 * How three families of SDKs read the header, after the reference page: JavaScript does not trim names and takes a minute for
 * seconds it cannot read; Python reads seconds as an integer or drops the entry; Rust needs three parts.
 */
const PARSERS: Record<string, (header: string) => Parsed> = {
  javascript: (header) => {
    const entries = header
      .trim()
      .split(',')
      .map((entry) => entry.split(':'))
    return new Map(
      entries.flatMap(([seconds = '', categories = '']) => {
        const read = Number.parseInt(seconds, 10)
        return categories.split(';').map((category) => [category, Number.isNaN(read) ? 60 : read] as const)
      }),
    )
  },
  python: (header) => {
    const entries = header.split(',').map((entry) => entry.trim().split(':'))
    const readable = entries.filter((parts) => parts.length >= 2 && /^\s*[+-]?\d+\s*$/.test(parts[0] ?? ''))
    return new Map(
      readable.flatMap(([seconds, categories = '']) =>
        categories.split(';').map((one) => [one, Number(seconds)] as const),
      ),
    )
  },
  rust: (header) => {
    const entries = header.split(',').map((entry) => entry.trim().split(':'))
    const readable = entries.filter(([seconds = '', ...rest]) => rest.length >= 2 && /^\d+(\.\d+)?$/.test(seconds))
    return new Map(
      readable.flatMap(([seconds, categories = '']) =>
        categories.split(';').map((one) => [one, Math.ceil(Number(seconds))] as const),
      ),
    )
  },
}

describe.for(Object.entries(PARSERS))('read as %s does', ([, parse]) => {
  test('any limit pauses errors for its seconds, and so every category it names', () => {
    for (const limit of LIMITS) {
      const paused = parse(headerOf(limit))
      expect(paused.get('error')).toBe(limit.retryAfterSecs)
      expect(new Set(paused.values())).toEqual(new Set([limit.retryAfterSecs]))
    }
  })

  test('sessions, check-ins and client reports are never paused, nor is everything', () => {
    for (const limit of LIMITS) {
      const paused = parse(headerOf(limit))
      for (const category of [...FREE, '', 'all']) expect(paused.has(category)).toBe(false)
    }
  })

  test('metrics and logs are paused in each of their spellings', () => {
    const paused = parse(headerOf(makeLimit(5000, 'project')))
    for (const category of ['trace_metric', 'metric', 'log_item', 'log_byte']) expect(paused.get(category)).toBe(5)
  })
})

test('every header keeps to the strict grammar: whole seconds, lower-case names, one of the known scopes', () => {
  for (const limit of LIMITS) {
    expect(headerOf(limit)).toMatch(/^([1-9]\d{0,2}):[a-z0-9_]+(;[a-z0-9_]+)*:(organization|project|key)$/)
    expect(headerOf(limit).endsWith(`:${limit.scope}`)).toBe(true)
    expect(rateLimitHeaders(limit)['Retry-After']).toBe(String(limit.retryAfterSecs))
  }
})

test('a pause is at least a second, at most five minutes, and never shorter than the wait', () => {
  for (const waitMs of [0, 1, 1000, 1001, 299_999]) expect(retryAfterSecs(waitMs) * 1000).toBeGreaterThanOrEqual(waitMs)
  expect([0, 1000, 1001, 300_000, 1e12].map(retryAfterSecs)).toEqual([1, 1, 2, 300, 300])
})
