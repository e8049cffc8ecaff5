import { expect, test } from 'vitest'
import { sampleFrame } from '../sample-event.ts'
import { boundFrame } from './bound-frame.ts'

test('a frame with names of a length that names have is the same frame', () => {
  const frame = sampleFrame({ function: 'a'.repeat(1024), filename: 'x.py' })
  expect(boundFrame(frame)).toBe(frame)
})

test.each(['function', 'filename', 'absPath', 'module', 'package'] as const)('a longer %s is cut', (name) => {
  const frame = sampleFrame({ line: 7, [name]: 'a'.repeat(1025) })
  expect(boundFrame(frame)).toEqual({ ...frame, [name]: 'a'.repeat(1024) })
})
