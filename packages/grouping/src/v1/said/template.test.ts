import { describe, expect, test } from 'vitest'
import { parameterise } from '../message/parameterise.ts'
import { readTemplate } from './template.ts'

describe('a template reads as its filled-in text does', () => {
  test.each([
    ['order %s is gone', 'order 17 is gone'],
    ['order %(id)s is gone', 'order 17 is gone'],
    ['order %05.2f is gone', 'order 17 is gone'],
    ['order %1$s is gone', 'order 17 is gone'],
    ['order {} is gone', 'order 17 is gone'],
    ['order {0} is gone', 'order 17 is gone'],
    ['order {OrderId} is gone', 'order 17 is gone'],
    [`order \${id} is gone`, 'order 17 is gone'],
    ['order %@ is gone', 'order 17 is gone'],
  ])('%s', (template, text) => {
    expect(readTemplate(template)).toBe('order <*> is gone')
    expect(readTemplate(template)).toBe(parameterise(text))
  })
})

test.each([['%s'], ['{0}: {1}'], ['%s %s'], ['-'], ['']])('%j says nothing', (template) => {
  expect(readTemplate(template)).toBeNull()
})

test('a percent sign is no placeholder', () => {
  expect(readTemplate('100% of orders')).toBe('<*>% of orders')
})
