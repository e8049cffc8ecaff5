import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createRequestIds } from './request-id.ts'

function idFor(given: string | string[] | undefined, ids = createRequestIds()): string {
  // Headers are all that is looked at.
  return ids({ headers: { 'x-request-id': given } } as unknown as IncomingMessage)
}

test.for(['a', '7f3c.2-x_Y', '9f8e7d6c-5b4a-4938-a7b6-c5d4e3f2a1b0', 'x'.repeat(64)])(
  'the id a balancer gave is kept: %s',
  (given) => {
    expect(idFor(given)).toBe(given)
  },
)

test.for([undefined, '', 'x'.repeat(65), 'two words', 'line\nbreak', '{"json":1}', 'ü', ['a', 'b']])(
  'one that is missing or could harm a log is replaced: %j',
  (given) => {
    const id = idFor(given)
    expect(id).toMatch(/^[A-Za-z0-9._-]{8,64}$/)
    expect(id).not.toBe(given)
  },
)

test('no two requests have the same, in one process or in two', () => {
  const [one, other] = [createRequestIds(), createRequestIds()]
  const made = Array.from({ length: 100 }, () => [idFor(undefined, one), idFor(undefined, other)]).flat()
  expect(new Set(made).size).toBe(200)
})
