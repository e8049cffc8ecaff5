import type { Exception } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../../sample-event.ts'
import { readChain } from '../exception/chain.ts'
import { findDecisive } from './decisive.ts'

function at(name: string | null, type = 'ValueError', fields = {}): Exception {
  return sampleException(type, 'x', [sampleFrame({ function: name, filename: 'cart.py' })], fields)
}

function placesOf(exceptions: readonly Exception[], thread: string | null = null) {
  const frames = thread === null ? null : { frames: [sampleFrame({ function: thread, filename: 'cart.py' })] }
  const event = sampleEvent({ platform: 'python', exceptions, stacktrace: frames })
  return findDecisive(event, readChain(event)).components.flatMap(({ text }) => text ?? [])
}

const LIBRARY = sampleException('IOError', 'x', [sampleFrame({ function: 'read', filename: '/a/site-packages/x.py' })])

describe('the exception nearest to the cause that knows a place decides', () => {
  test('the cause', () => {
    expect(placesOf([at('pay'), at('handle')])).toEqual(['pay in cart.py'])
  })

  test('what came of it, where the cause has only a library’s frames', () => {
    expect(placesOf([LIBRARY, at('handle'), at('main')])).toEqual(['handle in cart.py'])
  })

  test('one that names its function before one that names only its file', () => {
    expect(placesOf([at(null), at('handle')])).toEqual(['handle in cart.py'])
    expect(placesOf([at(null), LIBRARY])).toEqual(['? in cart.py'])
  })

  test('the thread, where no exception has a stack', () => {
    expect(placesOf([sampleException('E', 'x')], 'poll')).toEqual(['poll in cart.py'])
  })
})

describe('of a group', () => {
  const group = at('gather', 'ExceptionGroup', { isExceptionGroup: true })

  test('the one bug that all of them are', () => {
    expect(placesOf([at('pay'), at('pay'), group])).toEqual(['pay in cart.py'])
    expect(placesOf([at('pay'), group])).toEqual(['pay in cart.py'])
  })

  test('of several bugs, who started them, whichever came first', () => {
    expect(placesOf([at('pay'), at('ship'), group])).toEqual(['gather in cart.py'])
    expect(placesOf([at('ship'), at('pay'), group])).toEqual(['gather in cart.py'])
    expect(placesOf([at('pay', 'KeyError'), at('pay', 'TypeError'), group])).toEqual(['gather in cart.py'])
  })
})
