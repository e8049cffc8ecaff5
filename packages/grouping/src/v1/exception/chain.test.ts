import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../../sample-event.ts'
import { framesOf, readChain } from './chain.ts'

const cause = sampleException('TypeError', 'x')
const wrapper = sampleException('Error', 'y')
const group = sampleException('AggregateError', 'z', [], { isExceptionGroup: true })

test('the root is the first cause, else a group', () => {
  expect(readChain(sampleEvent({ exceptions: [cause, wrapper, group] }))).toEqual({
    causes: [cause, wrapper],
    groups: [group],
    root: cause,
  })
  expect(readChain(sampleEvent({ exceptions: [group] })).root).toBe(group)
  expect(readChain(sampleEvent({})).root).toBeNull()
})

test.each([['React ErrorBoundary TypeError'], ['_RemoteTraceback'], ['RemoteTraceback']])(
  '%s is a text, no cause',
  (type) => {
    expect(readChain(sampleEvent({ exceptions: [sampleException(type, 'x'), cause] })).causes).toEqual([cause])
  },
)

test('frames come newest first', () => {
  const frames = [sampleFrame({ function: 'main' }), sampleFrame({ function: 'pay' })]
  expect(framesOf(sampleException('E', 'x', frames)).map((frame) => frame.function)).toEqual(['pay', 'main'])
  expect(framesOf(cause)).toEqual([])
})
