import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { findCrashFrame } from './crash-frame.ts'

const own = sampleFrame({ function: 'pay', filename: 'cart.py', inApp: true })
const library = sampleFrame({ function: 'run', filename: 'run.py', inApp: false })

function find(frames: Parameters<typeof sampleException>[2], isFit?: Parameters<typeof findCrashFrame>[1]) {
  const exceptions = [sampleException('E', 'cause', [library]), sampleException('E', 'x', frames)]
  return findCrashFrame(sampleEvent({ platform: 'python', exceptions }), isFit)
}

test('the newest of the application’s, else the newest', () => {
  expect(find([{ ...own, function: 'old' }, own, library])).toBe(own)
  expect(find([library])).toBe(library)
})

test('of those that fit', () => {
  expect(find([own, library], (frame) => frame.function === 'run')).toBe(library)
  expect(find([own], () => false)).toBeNull()
})

test('of the newest exception with a stack, else of the thread', () => {
  expect(find([])?.function).toBe('run')
  expect(findCrashFrame(sampleEvent({ stacktrace: { frames: [own] } }))).toBe(own)
  expect(findCrashFrame(sampleEvent({}))).toBeNull()
})
