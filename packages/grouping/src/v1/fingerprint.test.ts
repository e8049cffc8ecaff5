import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { fillTemplate } from './fingerprint.ts'
import { groupV1 } from './v1.ts'

const frame = sampleFrame({
  function: 'pay',
  module: 'shop.cart',
  filename: 'shop/cart.py',
  absPath: '/app/shop/cart.py',
  package: '/lib/libshop.so',
  inApp: true,
})
const event = sampleEvent({
  platform: 'python',
  level: 'warning',
  logger: 'shop',
  transaction: 'POST /cart',
  tags: [{ key: 'region', value: 'eu' }],
  exceptions: [sampleException('ValueError', 'order 17', [frame])],
})
const DEFAULT = 'ValueError ⋄ pay in cart.py'

function keyOf(fingerprint: readonly string[], fields: Partial<typeof event> = {}): string {
  return groupV1({ ...event, ...fields, fingerprint }, 'stack').key
}

test('a fingerprint replaces everything else, its parts joined', () => {
  expect(keyOf(['checkout', '17'])).toBe('checkout ⋄ 17')
})

test.each([['{{ default }}'], ['{{default}}'], ['{{  default}}'], [' {{ Default }} '], ['{{DEFAULT}}']])(
  '%j alone groups as if there were none',
  (spelling) => {
    expect(keyOf([spelling])).toBe(DEFAULT)
    expect(groupV1({ ...event, fingerprint: [spelling] }, 'stack')).toEqual(groupV1(event, 'stack'))
    expect(keyOf([spelling, 'eu'])).toBe(`${DEFAULT} ⋄ eu`)
    expect(keyOf(['eu', spelling])).toBe(`eu ⋄ ${DEFAULT}`)
  },
)

test.each([[[]], [['']], [[' ', '\t']]])('an empty fingerprint %j does not merge a project', (fingerprint) => {
  expect(keyOf(fingerprint)).toBe(DEFAULT)
})

test('empty parts beside others are left out', () => {
  expect(keyOf(['', 'checkout', ' '])).toBe('checkout')
})

const VARIABLES = [
  ['{{ type }}', 'ValueError'],
  ['{{error.type}}', 'ValueError'],
  ['{{ value }}', 'order 17'],
  ['{{ error.value }}', 'order 17'],
  ['{{ message }}', 'order 17'],
  ['{{ transaction }}', 'POST /cart'],
  ['{{level}}', 'warning'],
  ['{{ LOGGER }}', 'shop'],
  ['{{ function }}', 'pay'],
  ['{{ stack.function }}', 'pay'],
  ['{{ module }}', 'shop.cart'],
  ['{{ stack.module }}', 'shop.cart'],
  ['{{ stack.abs_path }}', '/app/shop/cart.py'],
  ['{{ path }}', '/app/shop/cart.py'],
  ['{{ stack.filename }}', 'shop/cart.py'],
  ['{{ package }}', 'libshop.so'],
  ['{{ stack.package }}', 'libshop.so'],
  ['{{ tags.region }}', 'eu'],
  ['{{ Tags.region }}', 'eu'],
  ['{{ tags.Region }}', '<no-value-for-tag-Region>'],
] as const

describe('variables', () => {
  test.each(VARIABLES)('%s stands for %s', (variable, value) => {
    expect(keyOf([variable])).toBe(value)
  })

  test.each([
    ['{{ type }}', '<no-type>'],
    ['{{ value }}', '<no-value>'],
    ['{{ transaction }}', '<no-transaction>'],
    ['{{ message }}', '<no-message>'],
    ['{{ logger }}', '<no-logger>'],
    ['{{ function }}', '<no-function>'],
    ['{{ module }}', '<no-module>'],
    ['{{ path }}', '<no-abs-path>'],
    ['{{ stack.filename }}', '<no-filename>'],
    ['{{ package }}', '<no-package>'],
  ])('%s of an event without it stands for %s', (variable, value) => {
    expect(groupV1(sampleEvent({ fingerprint: [variable] }), 'stack').key).toBe(value)
  })

  test('the message is the filled-in text, else the template, else the exception’s', () => {
    const message = { template: 'order %s', formatted: 'order 17' }
    expect(keyOf(['{{ message }}'], { message })).toBe('order 17')
    expect(keyOf(['{{ message }}'], { message: { ...message, formatted: '' } })).toBe('order %s')
  })

  test('a name nobody knows, and one with text around it, stay as they are', () => {
    expect(keyOf(['{{ weather }}'])).toBe('{{ weather }}')
    expect(keyOf(['x{{ type }}'])).toBe('x{{ type }}')
    expect(keyOf(['{{ constructor }}'])).toBe('{{ constructor }}')
  })

  test('the default is the strategy’s', () => {
    const fingerprint = ['{{ default }}', 'eu']
    expect(groupV1({ ...event, fingerprint }, 'transaction').key).toBe('ValueError: order 17 ⋄ POST /cart ⋄ eu')
  })
})

describe('a text with variables among its words', () => {
  test.each(VARIABLES)('%s', (variable, value) => {
    expect(fillTemplate(`<${variable}>`, event)).toBe(`<${value}>`)
  })

  test('what is none stays', () => {
    expect(fillTemplate('a {{ weather }} {{}} {{ type', event)).toBe('a {{ weather }} {{}} {{ type')
  })
})

test('each part says where it comes from', () => {
  const { components } = groupV1({ ...event, fingerprint: ['eu', '{{ type }}'] }, 'stack')
  expect(components).toEqual([
    { kind: 'fingerprint', source: 'eu', text: 'eu', reason: 'the fingerprint has it' },
    { kind: 'fingerprint', source: '{{ type }}', text: 'ValueError', reason: 'the fingerprint asks for it' },
  ])
})
