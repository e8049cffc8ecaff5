import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { type Issues, type Size, variedEvent } from './varied-event.ts'

const AT = new Date('2026-11-26T12:00:00Z')

function sample(count: number, size: Size, issues: Issues) {
  return Array.from({ length: count }, (_, n) => {
    const text = JSON.stringify(variedEvent(n, 'a'.repeat(32), { size, issues, at: AT }))
    return { event: JSON.parse(text), text }
  })
}

test.for([
  ['small', 1_000],
  ['median', 4_500],
  ['large', 50_000],
] as const)('a %s event is about %i bytes of gzip', ([size, bytes]) => {
  const sizes = sample(20, size, 'known').map(({ text }) => gzipSync(text).length)
  const mean = sizes.reduce((sum, one) => sum + one, 0) / sizes.length
  expect(mean).toBeGreaterThan(bytes * 0.85)
  expect(mean).toBeLessThan(bytes * 1.15)
})

test('five of six events have a user of their own, each has eight tags, about half a message of their own', () => {
  const events = sample(1_000, 'median', 'hot').map(({ event }) => event)
  const users = events.map(({ user }) => user.id)
  expect(users.filter((user) => users.indexOf(user) === users.lastIndexOf(user)).length).toBeGreaterThanOrEqual(830)
  expect(new Set(events.map(({ tags }) => Object.keys(tags).length))).toEqual(new Set([8]))
  expect(new Set(events.map(({ exception }) => exception.values[0].value)).size).toBeGreaterThan(450)
})

test.for([
  ['known', 500],
  ['hot', 1],
  ['new', 1_000],
] as const)('events of %s issues have %i stacks among a thousand', ([issues, count]) => {
  const stacks = sample(1_000, 'small', issues).map(({ event }) => {
    const [{ type, stacktrace }] = event.exception.values
    return `${type} ${stacktrace.frames.map((frame: { function: string }) => frame.function)}`.replace(/\d/g, '')
  })
  expect(new Set(stacks).size).toBe(count)
})
