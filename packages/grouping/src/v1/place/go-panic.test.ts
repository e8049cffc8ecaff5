import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import { belowPanic, belowRecovery } from './go-panic.ts'
import { readOwnFrames } from './own-frame.ts'

function frames(...names: readonly string[]) {
  return names.map((name) => sampleFrame({ function: name, module: 'shop' }))
}

test.each([['gopanic'], ['panic'], ['sigpanic'], ['panicmem'], ['goPanicIndex'], ['panicdivide'], ['panicSliceB']])(
  'what stands above %s ran after it',
  (panic) => {
    expect(belowPanic(frames('recover', panic, 'pay', 'main')).map((frame) => frame.function)).toEqual(['pay', 'main'])
  },
)

test('a stack without a panic stays whole', () => {
  expect(belowPanic(frames('pay', 'panicButton'))).toHaveLength(2)
})

test('a deferred closure that recovered is not where it broke', () => {
  const own = (...names: readonly string[]) => readOwnFrames(frames(...names), 'go')
  expect(belowRecovery(own('Serve.func1', 'pay', 'Serve')).map(({ name }) => name)).toEqual(['pay', 'Serve'])
  expect(belowRecovery(own('Serve.func1', 'Serve')).map(({ name }) => name)).toEqual(['Serve', 'Serve'])
  expect(belowRecovery(own('Worker[...].run.func1', 'pay', 'Worker[...].run')).map(({ name }) => name)).toEqual([
    'pay',
    'Worker.run',
  ])
  // A callback that was handed to somebody else is just that.
  expect(belowRecovery(own('Slots.func1', 'each[...]', 'Slots')).map(({ name }) => name)).toEqual([
    'Slots',
    'each',
    'Slots',
  ])
  expect(belowRecovery(own('pay', 'Serve', 'pay')).map(({ name }) => name)).toEqual(['pay', 'Serve', 'pay'])
})
