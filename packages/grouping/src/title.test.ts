import { expect, describe as suite, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from './sample-event.ts'
import { describe } from './title.ts'

const frame = sampleFrame({ function: 'pay', module: 'shop.cart', filename: 'shop/cart.py', inApp: true })
const library = sampleFrame({ function: 'run', module: 'lib', filename: 'lib/run.py', inApp: false })

suite('title', () => {
  test('of an error is its type and the first line of its value', () => {
    const exceptions = [
      sampleException('KeyError', 'cause'),
      sampleException('ValueError', '\n  order 17\tis gone \nx', [frame]),
    ]
    expect(describe(sampleEvent({ exceptions }))).toEqual({
      title: 'ValueError: order 17 is gone',
      culprit: 'shop.cart in pay',
      type: 'ValueError',
      value: '\n  order 17\tis gone \nx',
    })
  })

  test('of an error without a type begins with Error, of one without a value is the type', () => {
    expect(describe(sampleEvent({ exceptions: [sampleException(null, 'gone')] }))).toMatchObject({
      title: 'Error: gone',
      type: 'Error',
    })
    expect(describe(sampleEvent({ exceptions: [sampleException('ValueError', ' ')] })).title).toBe('ValueError')
  })

  test('of a log message is its filled-in first line', () => {
    const message = { template: 'order %s', formatted: 'order 17\nx' }
    expect(describe(sampleEvent({ message }))).toEqual({ title: 'order 17', culprit: '', type: null, value: null })
  })

  test('of a JavaScript message with a stack attached is the message', () => {
    const exceptions = [sampleException(null, 'no cart', [frame], { synthetic: true })]
    const event = sampleEvent({ platform: 'javascript', exceptions, message: { template: null, formatted: 'no cart' } })
    expect(describe(event)).toMatchObject({ title: 'no cart', type: null })
  })

  test('of a native crash is the function, as its type is the SDK’s invention', () => {
    const exceptions = [
      sampleException('SIGSEGV', 'Segfault', [frame, sampleFrame({ function: '<unknown>', inApp: true })], {
        synthetic: true,
      }),
    ]
    expect(describe(sampleEvent({ platform: 'native', exceptions }))).toEqual({
      title: 'pay',
      culprit: '',
      type: null,
      value: 'Segfault',
    })
  })

  test('of what JavaScript threw that is no error is what was thrown', () => {
    const exceptions = [sampleException('Error', 'out of stock', [frame], { synthetic: true })]
    expect(describe(sampleEvent({ platform: 'node', exceptions })).title).toBe('out of stock')
  })

  test('is never empty', () => {
    expect(describe(sampleEvent({})).title).toBe('<unlabeled event>')
    expect(describe(sampleEvent({ message: { template: null, formatted: ' \n ' } })).title).toBe('<unlabeled event>')
    expect(describe(sampleEvent({ stacktrace: { frames: [frame] } })).title).toBe('pay')
    expect(describe(sampleEvent({ exceptions: [sampleException('X', null, [], { synthetic: true })] })).title).toBe(
      '<unknown>',
    )
  })

  test('is cut between characters: 128 of the type, 100 of the line, 200 in all, 1024 of the value', () => {
    const { title, type, value } = describe(
      sampleEvent({ exceptions: [sampleException('T'.repeat(300), '😀'.repeat(2000))] }),
    )
    expect([...title]).toHaveLength(200)
    expect(title).toBe(`${'T'.repeat(127)}…: ${'😀'.repeat(69)}…`)
    expect([...(type ?? '')]).toHaveLength(128)
    expect([...(value ?? '')]).toHaveLength(1024)
    expect(describe(sampleEvent({ message: { template: null, formatted: '😀'.repeat(100) } })).title).toBe(
      '😀'.repeat(100),
    )
    expect(describe(sampleEvent({ message: { template: null, formatted: '😀'.repeat(101) } })).title).toBe(
      `${'😀'.repeat(99)}…`,
    )
  })
})

suite('title that a rule gives', () => {
  const event = sampleEvent({
    platform: 'python',
    transaction: 'POST /cart',
    tags: [{ key: 'region', value: 'eu' }],
    exceptions: [sampleException('ValueError', 'order 17\nis gone', [frame])],
  })

  test('has its variables filled in, on one line', () => {
    expect(describe(event, '{{ type }} in {{function}} ({{ tags.region }}): {{ value }}').title).toBe(
      'ValueError in pay (eu): order 17 is gone',
    )
    expect(describe(event, 'checkout').title).toBe('checkout')
  })

  test('changes nothing else', () => {
    expect(describe(event, 'checkout')).toEqual({ ...describe(event), title: 'checkout' })
  })

  test('keeps what is no variable, and says what an event has not', () => {
    expect(describe(event, '{{ weather }} {{ logger }}').title).toBe('{{ weather }} <no-logger>')
  })

  test('is cut to 200 characters, and is the event’s own where nothing is left of it', () => {
    expect([...describe(event, '😀'.repeat(300)).title]).toHaveLength(200)
    expect(describe(event, ' \n ').title).toBe('ValueError: order 17')
  })
})

suite('culprit', () => {
  const at = (platform: string, frames = [frame]) =>
    describe(sampleEvent({ platform, exceptions: [sampleException('E', 'x', frames)] })).culprit

  test('is the transaction where there is one', () => {
    expect(
      describe(sampleEvent({ transaction: 'GET /cart', exceptions: [sampleException('E', 'x', [frame])] })).culprit,
    ).toBe('GET /cart')
  })

  test('is the newest frame of the application, else the newest', () => {
    expect(at('python', [frame, library])).toBe('shop.cart in pay')
    expect(at('python', [library])).toBe('lib in run')
    expect(at('python', [library, sampleFrame({ function: 'nowhere' })])).toBe('lib in run')
  })

  test('is written as the platform writes it', () => {
    expect(at('javascript')).toBe('pay(shop.cart)')
    expect(at('cocoa')).toBe('pay')
    expect(at('ruby', [sampleFrame({ filename: 'a.rb', inApp: true })])).toBe('a.rb in ?')
  })

  test('leaves out a query string, which may carry secrets', () => {
    expect(at('javascript', [sampleFrame({ function: 'pay', filename: 'https://a.example/x.js?token=1' })])).toBe(
      'pay(https://a.example/x.js)',
    )
  })

  test('is the address of the request where no frame tells', () => {
    expect(describe(sampleEvent({ request: { url: 'https://a.example/', method: null } })).culprit).toBe(
      'https://a.example/',
    )
  })

  test('is cut to 200 characters', () => {
    expect([...describe(sampleEvent({ transaction: '😀'.repeat(300) })).culprit]).toHaveLength(200)
  })
})
