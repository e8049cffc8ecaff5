import { expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../../sample-event.ts'
import { describeLog } from './describe-log.ts'

function texts(template: string | null, text: string) {
  return describeLog(sampleEvent({}), { template, text }).map((component) => component.text)
}

test('a template stands for its message', () => {
  expect(texts('user %s is %s', 'user bob is gone')).toEqual(['Log Message: user <*> is <*>'])
})

test('a template of nothing but placeholders says nothing, so the text does', () => {
  expect(texts('%s', 'user 17 is gone')).toEqual(['Log Message: user <*> is gone'])
})

test('a text goes with its codes', () => {
  expect(texts(null, 'sync failed: ECONNREFUSED 10.0.0.1')).toEqual([
    'Log Message: sync failed: ECONNREFUSED <*>',
    'ECONNREFUSED',
  ])
})

test('what is attached to it is left out, as it tells where somebody logged', () => {
  const frame = sampleFrame({ function: 'pay', filename: 'cart.js' })
  const event = sampleEvent({ exceptions: [sampleException(null, 'no cart', [frame], { synthetic: true })] })
  expect(describeLog(event, { template: null, text: 'no cart' })).toEqual([
    { kind: 'message', source: 'no cart', text: 'Log Message: no cart', reason: 'a log message without template' },
    { kind: 'frame', source: frame, text: null, reason: 'it tells where somebody logged' },
  ])
})
