import type { Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import type { FailureKind } from '../exception/failure-kind.ts'
import type { Family } from '../family.ts'
import { findPlaces } from './places.ts'

/** Functions newest first, all of one file of the application. */
function stack(names: readonly (string | null)[]): Frame[] {
  return names.map((name) => sampleFrame({ function: name, filename: 'cart.py' }))
}

function find(frames: readonly Frame[], family: Family = 'python', kind: FailureKind = 'other') {
  const { isKnown, components } = findPlaces(frames, family, kind)
  return { isKnown, places: components.flatMap(({ text }) => text ?? []) }
}

test('the newest function of the application is the place', () => {
  expect(find(stack(['pay', 'submit']))).toEqual({ isKnown: true, places: ['pay in cart.py'] })
})

test('every frame is there, with why it is used or left out', () => {
  const [pay, submit] = stack(['pay', 'submit'])
  if (pay === undefined || submit === undefined) throw new Error('two were made')
  expect(findPlaces([pay, submit], 'python', 'other').components).toEqual([
    { kind: 'frame', source: pay, text: 'pay in cart.py', reason: 'where it broke' },
    { kind: 'frame', source: submit, text: null, reason: 'further away' },
  ])
})

test('a helper alone is no place that is known', () => {
  expect(find(stack(['assert', 'pay']))).toEqual({ isKnown: true, places: ['assert in cart.py', 'pay in cart.py'] })
  expect(find(stack(['assert']))).toEqual({ isKnown: false, places: ['assert in cart.py'] })
})

test('a reporter’s stack tells nothing', () => {
  expect(find(stack(['captureException', 'pay']))).toEqual({ isKnown: false, places: [] })
})

test('a file without a function is half a place', () => {
  expect(find(stack([null]))).toEqual({ isKnown: false, places: ['? in cart.py'] })
})

describe('where programs begin', () => {
  const library = sampleFrame({ function: 'run', filename: 'x.py', absPath: '/venv/site-packages/x.py' })

  test('is a place of its own mistakes', () => {
    expect(find(stack(['main'])).isKnown).toBe(true)
  })

  test('is none of what a library threw', () => {
    expect(find([library, ...stack(['main'])])).toEqual({ isKnown: false, places: ['main in cart.py'] })
    expect(find([library, ...stack(['pay'])]).isKnown).toBe(true)
  })
})

test('an overflow belongs to the round that was gone, a hang to what began it', () => {
  const deep = stack(['leaf', ...Array(9).fill(['walk', 'visit']).flat(), 'main'])
  expect(find(deep, 'python', 'overflow')).toEqual({ isKnown: true, places: ['visit in cart.py', 'walk in cart.py'] })
  expect(find(stack(['pay', 'main']), 'python', 'overflow').places).toEqual(['pay in cart.py'])
  expect(find(stack(['sleep', 'pay', 'poll']), 'python', 'hang')).toEqual({
    isKnown: true,
    places: ['poll in cart.py'],
  })
})

test('an overflow of a helper is known, as nobody called it wrongly', () => {
  expect(find(stack(['fetch', 'fetch', 'fetch', 'main']), 'python', 'overflow').isKnown).toBe(true)
})

test('of Go, what ran after the panic is left out', () => {
  const at = (name: string) => sampleFrame({ function: name, module: 'shop' })
  const frames = [at('Serve.func1'), sampleFrame({ function: 'gopanic', module: 'runtime' }), at('pay'), at('Serve')]
  expect(find(frames, 'go')).toEqual({ isKnown: true, places: ['pay in shop'] })
  const panic = sampleFrame({ function: 'gopanic', module: 'runtime' })
  expect(find([at('cleanUp'), panic, at('pay'), at('Serve')], 'go').places).toEqual(['pay in shop'])
  expect(find([at('Serve.func1'), at('pay'), at('Serve')], 'go').places).toEqual(['pay in shop'])
})

test('of a stack without the application nothing is told, but of an extension which it is', () => {
  const foreign = sampleFrame({ function: 'run', filename: 'x.js', absPath: '/srv/node_modules/x.js' })
  const extension = sampleFrame({ function: 'run', absPath: 'chrome-extension://abc/inject.js' })
  expect(find([foreign], 'javascript')).toEqual({ isKnown: false, places: [] })
  expect(find([extension, foreign], 'javascript')).toEqual({ isKnown: false, places: ['extension inject.js'] })
  expect(find([], 'javascript')).toEqual({ isKnown: false, places: [] })
})
