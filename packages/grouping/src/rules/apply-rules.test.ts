import type { Event, Frame } from '@rumen/protocol/event'
import { describe, expect, test } from 'vitest'
import { sampleEvent, sampleException, sampleFrame } from '../sample-event.ts'
import { seededRandom } from '../seeded-random.ts'
import { applyRules } from './apply-rules.ts'
import { parseRules } from './parse-rules.ts'

const query = sampleFrame({
  function: 'runQuery',
  module: 'shop.db.pool',
  absPath: '/app/shop/db/Pool.py',
  filename: 'shop/db/Pool.py',
  inApp: true,
})
const pay = sampleFrame({ function: 'pay', module: 'shop.cart', absPath: 'C:\\app\\shop\\Cart.py', inApp: true })
const assertOk = sampleFrame({ function: 'assertOk', module: 'lib.assert', filename: 'lib/assert.py', inApp: false })
const event = sampleEvent({
  platform: 'Python',
  level: 'warning',
  release: 'shop@1.2.0',
  environment: 'Production',
  logger: 'shop.Db',
  transaction: 'POST /cart',
  tags: [
    { key: 'tenant', value: 'acme' },
    { key: 'a:b', value: 'x' },
  ],
  exceptions: [
    sampleException('TimeoutError', 'no answer after 30 s', [query]),
    sampleException('DbError', 'Deadlock detected: tx 17', [pay, assertOk]),
  ],
})

/** Whether a line with these matchers decides the title of the event. */
function isHit(matchers: string, of: Event = event): boolean {
  return applyRules(parseRules(`${matchers} -> title=hit`), of).title !== null
}

/** The functions of the frames a line with these matchers speaks of. */
function framesHit(matchers: string): (string | null)[] {
  return [...applyRules(parseRules(`${matchers} -> in_app=off`), event).frames.keys()].map((frame) => frame.function)
}

describe('a matcher', () => {
  test.each([
    ['type:DbError', true],
    ['type:TimeoutError', true],
    ['type:*Error', true],
    ['type:Db', false],
    ['type:dberror', false],
    ['value:"*deadlock detected*"', true],
    ['value:deadlock*', true],
    ['value:"* 30 S"', true],
    ['value:*[0-9]*', false],
    ['message:"deadlock detected: tx ??"', true],
    ['message:"no answer*"', false],
    ['module:shop.db.*', true],
    ['module:Shop.*', false],
    ['file:pool.py', true],
    ['file:cart.PY', true],
    ['file:assert.py', true],
    ['file:shop/*', false],
    ['function:pay', true],
    ['function:Pay', false],
    ['path:/app/shop/db/*', true],
    ['path:/app/*', false],
    ['path:/APP/**', true],
    ['path:shop/db/pool.py', true],
    ['path:lib/*.py', true],
    ['path:c:/app/**', true],
    ['path:"C:\\\\app\\\\**"', true],
    ['path:C:\\app\\**', true],
    ['path:**/shop/**', true],
    ['level:Warning', true],
    ['level:error', false],
    ['release:SHOP@1.*', true],
    ['release:1.*', false],
    ['environment:prod*', true],
    ['logger:shop.*', true],
    ['logger:Shop.*', false],
    ['transaction:"POST /cart"', true],
    ['transaction:"post /cart"', false],
    ['platform:python', true],
    ['tags.tenant:acme', true],
    ['tags.tenant:Acme', false],
    ['tags.Tenant:acme', false],
    ['tags.other:*', false],
  ])('%s: %j', (matcher, hit) => {
    expect(isHit(matcher)).toBe(hit)
    expect(isHit(`!${matcher}`)).toBe(!hit)
  })

  test('all on a line must hold', () => {
    expect(isHit('type:DbError level:warning tags.tenant:acme')).toBe(true)
    expect(isHit('type:DbError level:error tags.tenant:acme')).toBe(false)
    expect(isHit('type:DbError level:warning tags.tenant:globex')).toBe(false)
    expect(isHit('type:Db* type:*Error')).toBe(true)
    expect(isHit('type:Db* function:nothing')).toBe(false)
  })

  test('what the event does not have, no pattern hits', () => {
    for (const name of ['release', 'logger', 'type', 'value', 'message', 'module', 'path', 'file', 'tags.x']) {
      expect(isHit(`${name}:**`, sampleEvent({}))).toBe(false)
      expect(isHit(`!${name}:**`, sampleEvent({}))).toBe(true)
    }
  })

  test('message is the formatted one, else the template, else the newest value', () => {
    const said = (message: Event['message']) => sampleEvent({ message, exceptions: [sampleException('E', 'value')] })
    expect(isHit('message:formatted', said({ formatted: 'formatted', template: 'template' }))).toBe(true)
    expect(isHit('message:template', said({ formatted: '', template: 'template' }))).toBe(true)
    expect(isHit('message:value', said(null))).toBe(true)
    expect(isHit('message:*', sampleEvent({ exceptions: [sampleException('E', null)] }))).toBe(false)
  })

  test('file is the name in an address without its query', () => {
    const served = (absPath: string) =>
      sampleEvent({ exceptions: [sampleException('E', 'x', [sampleFrame({ absPath })])] })
    expect(isHit('file:app.js', served('https://shop.example/static/app.js?from=/a/b.js#c'))).toBe(true)
    expect(isHit('file:a#b?.cs', served('/src/a#b1.cs'))).toBe(true)
  })

  test('Greek capitals at the end of a pattern are found within a word', () => {
    const greek = sampleEvent({ exceptions: [sampleException('E', 'ΣΦΆΛΜΑ: ΟΔΌΣΗΜΑ')] })
    expect(isHit('value:"*ΟΔΌΣ*"', greek)).toBe(true)
    expect(isHit('value:"*οδός*"', greek)).toBe(true)
  })
})

describe('the same exception, the same frame', () => {
  test('type and value must hit one exception', () => {
    expect(isHit('type:DbError value:deadlock*')).toBe(true)
    expect(isHit('type:TimeoutError value:"no answer*"')).toBe(true)
    expect(isHit('type:TimeoutError value:deadlock*')).toBe(false)
  })

  test('module, file, function and path must hit one frame', () => {
    expect(isHit('module:shop.db.* function:runQuery file:pool.py path:/app/**')).toBe(true)
    expect(isHit('module:shop.db.* function:pay')).toBe(false)
    expect(isHit('file:cart.py path:**/db/**')).toBe(false)
  })

  test('a frame may be of another exception than the one that is hit', () => {
    expect(isHit('type:DbError function:runQuery')).toBe(true)
  })

  test('frames of the event’s own stack count', () => {
    const threaded = sampleEvent({ stacktrace: { frames: [query] } })
    expect(isHit('module:shop.db.*', threaded)).toBe(true)
    const { event: ruled } = applyRules(parseRules('module:shop.db.* -> in_app=off'), threaded)
    expect(ruled.stacktrace?.frames).toEqual([{ ...query, inApp: false }])
  })
})

describe('negation', () => {
  test('of an exception: none of the chain is hit', () => {
    expect(isHit('!type:OtherError')).toBe(true)
    expect(isHit('type:DbError !type:TimeoutError')).toBe(false)
    expect(isHit('type:DbError !value:"*answer*"')).toBe(false)
  })

  test('of a frame, for the event: no frame is hit', () => {
    expect(isHit('module:shop.* !function:assertOk')).toBe(false)
    expect(isHit('module:shop.* !function:other')).toBe(true)
    expect(isHit('!function:other', sampleEvent({}))).toBe(true)
  })

  test('of a frame, for frames: each by itself', () => {
    expect(framesHit('!function:assertOk')).toEqual(['runQuery', 'pay'])
    expect(framesHit('path:**/shop/** !path:**/db/**')).toEqual(['pay'])
  })
})

describe('frames', () => {
  test('are judged one by one, where the rest of the line holds', () => {
    expect(framesHit('path:**/shop/**')).toEqual(['runQuery', 'pay'])
    expect(framesHit('path:**/shop/** module:shop.cart')).toEqual(['pay'])
    expect(framesHit('path:**/shop/** type:DbError')).toEqual(['runQuery', 'pay'])
    expect(framesHit('path:**/shop/** type:Other')).toEqual([])
    expect(framesHit('path:**/shop/** !level:warning')).toEqual([])
  })

  test('become the application’s or not; what no rule changes keeps its object', () => {
    const { event: ruled, frames } = applyRules(parseRules('# why\nmodule:shop.db.* -> in_app=off'), event)
    expect(ruled).toEqual({
      ...event,
      exceptions: [
        { ...event.exceptions[0], stacktrace: { frames: [{ ...query, inApp: false }] } },
        event.exceptions[1],
      ],
    })
    expect(ruled.exceptions[1]).toBe(event.exceptions[1])
    expect([...frames]).toEqual([[query, { line: 2, isIgnored: false, inApp: false }]])
    expect(query.inApp).toBe(true)

    const on = applyRules(parseRules('function:assertOk -> in_app=on'), event)
    expect(on.event.exceptions[1]?.stacktrace?.frames).toEqual([pay, { ...assertOk, inApp: true }])
    expect(on.event.exceptions[1]?.stacktrace?.frames[0]).toBe(pay)
  })

  test('that are as the rule says are spoken of, but the event stays the same object', () => {
    const { event: ruled, frames } = applyRules(parseRules('function:pay -> in_app=on'), event)
    expect(ruled).toBe(event)
    expect([...frames]).toEqual([[pay, { line: 1, isIgnored: false, inApp: true }]])
    expect(applyRules(parseRules('function:nothing -> ignore'), event).event).toBe(event)
  })

  test('that are ignored are taken out', () => {
    const { event: ruled, frames } = applyRules(parseRules('function:assertOk -> ignore'), event)
    expect(ruled.exceptions.map(({ stacktrace }) => stacktrace?.frames)).toEqual([[query], [pay]])
    expect([...frames]).toEqual([[assertOk, { line: 1, isIgnored: true }]])
  })

  test('a stack without a frame left is none', () => {
    const ruled = applyRules(parseRules('path:** -> ignore'), { ...event, stacktrace: { frames: [query] } }).event
    expect(ruled.stacktrace).toBeNull()
    expect(ruled.exceptions.map(({ stacktrace }) => stacktrace)).toEqual([null, null])
    expect(ruled.exceptions.map(({ type }) => type)).toEqual(['TimeoutError', 'DbError'])
  })
})

describe('the first line that matches decides', () => {
  const rules = parseRules(`
    type:Nothing -> fingerprint=a title=a
    type:DbError -> fingerprint=b
    type:DbError -> fingerprint=c title=c
    type:DbError -> title=d
    function:pay -> in_app=off
    module:shop.** -> in_app=on
    module:shop.db.* -> ignore in_app=off
    path:** -> ignore
  `)

  test('of the fingerprint and of the title by themselves', () => {
    const { fingerprint, title } = applyRules(rules, event)
    expect(fingerprint).toEqual({ line: 3, parts: ['b'] })
    expect(title).toEqual({ line: 4, template: 'c' })
  })

  test('of each frame, for in_app and for ignoring it by themselves', () => {
    expect(new Map(applyRules(rules, event).frames)).toEqual(
      new Map<Frame, unknown>([
        [query, { line: 8, isIgnored: true }],
        [pay, { line: 9, isIgnored: true }],
        [assertOk, { line: 9, isIgnored: true }],
      ]),
    )
    const { frames } = applyRules(parseRules('function:pay -> in_app=off\nmodule:shop.* -> in_app=on'), event)
    expect(new Map(frames)).toEqual(
      new Map<Frame, unknown>([
        [query, { line: 2, isIgnored: false, inApp: true }],
        [pay, { line: 1, isIgnored: false, inApp: false }],
      ]),
    )
  })

  test('lines see the event as it came, with frames that others ignore', () => {
    const { title } = applyRules(parseRules('function:pay -> ignore\nfunction:pay -> title=hit'), event)
    expect(title).toEqual({ line: 2, template: 'hit' })
  })
})

test('the example of the documentation does what it says', () => {
  const rules = parseRules(`# Every chunk that cannot be loaded is one issue.
type:ChunkLoadError                          -> fingerprint=chunk-load
value:"*deadlock detected*" module:shop.db.* -> fingerprint=deadlock,{{ transaction }}
path:**/generated/**                         -> in_app=off
function:assertOk                            -> ignore
tags.tenant:acme !level:error                -> title="Acme: {{ value }}"`)
  const { fingerprint, title, frames } = applyRules(rules, event)
  expect(fingerprint).toEqual({ line: 3, parts: ['deadlock', '{{ transaction }}'] })
  expect(title).toEqual({ line: 6, template: 'Acme: {{ value }}' })
  expect([...frames]).toEqual([[assertOk, { line: 5, isIgnored: true }]])
  const chunk = sampleEvent({ exceptions: [sampleException('ChunkLoadError', null)] })
  expect(applyRules(rules, chunk).fingerprint).toEqual({ line: 2, parts: ['chunk-load'] })
})

describe('many rules cost little', () => {
  /** How often rules look at the paths of an event's frames. */
  function countReads(line: string, lines: number): number {
    let reads = 0
    const frame = {
      ...sampleFrame({ function: 'pay' }),
      get absPath() {
        reads++
        return '/app/cart.py'
      },
    }
    const watched = sampleEvent({ exceptions: [sampleException('DbError', 'x', [frame])] })
    applyRules(parseRules(`${line}\n`.repeat(lines)), watched)
    return reads
  }

  test('a text is made ready once for all of them', () => {
    expect(countReads('path:*.js file:x -> title=a', 1)).toBeGreaterThan(0)
    expect(countReads('path:*.js file:x -> title=a', 200)).toBe(countReads('path:*.js file:x -> title=a', 1))
  })

  test('frames are not looked at before the rest of the line holds, nor for what is decided', () => {
    expect(countReads('level:fatal path:*.js -> title=a', 1)).toBe(0)
    expect(countReads('path:*.js type:Other -> title=a in_app=on', 1)).toBe(0)
    expect(countReads('function:pay -> title=a\npath:*.js -> title=b', 1)).toBe(0)
  })

  test('nothing is looked at for what is decided already', () => {
    const decided = {
      ...event,
      get release(): string {
        throw new Error('looked at')
      },
    }
    const rules = parseRules('type:DbError -> title=a\nrelease:* -> title=b')
    expect(applyRules(rules, decided).title?.line).toBe(1)
  })
})

test('no event makes rules throw; the event that comes out has no empty stack, and the given one is unchanged', () => {
  const names = ['type', 'value', 'message', 'module', 'file', 'function', 'path', 'level', 'release', 'tags.a']
  const patterns = ['*', '**', '?', 'a*', '"*a*b"', '**/a/**', '\ud83d*', '"\\\\"', '*/*']
  const actions = ['fingerprint=x,{{ type }}', 'title="{{ value }}"', 'module:* -> in_app=on', 'file:** -> ignore']
  const random = seededRandom(11)
  const pick = (from: readonly string[]) => from[random(from.length)] ?? ''
  const matcher = () => `${pick(['', '!'])}${pick(names)}:${pick(patterns)}`
  for (let round = 0; round < 3000; round++) {
    const lines = Array.from({ length: random(6) }, () => {
      const action = pick(actions)
      return `${matcher()} ${matcher()} ${action.includes('->') ? action : `-> ${action}`}`
    })
    const given = randomEvent(random)
    const copy = structuredClone(given)
    const ruled = applyRules(parseRules(lines.join('\n')), given)
    expect(given).toEqual(copy)
    for (const { stacktrace } of [...ruled.event.exceptions, ruled.event]) {
      if (stacktrace?.frames.length === 0) throw new Error(JSON.stringify({ lines, given }))
    }
    if (ruled.frames.size === 0) expect(ruled.event).toBe(given)
  }
})

const PIECES = [
  '',
  'a',
  'b',
  '/',
  '\\',
  'C:\\',
  'http://a/',
  '?',
  '#',
  '\u0000',
  '\ud83d',
  '\ude00',
  '😀',
  'İ',
  'Σ',
  '*',
]

function randomEvent(random: (limit: number) => number): Event {
  const text = () => Array.from({ length: random(5) }, () => PIECES[random(PIECES.length)] ?? '').join('')
  const maybe = () => (random(3) === 0 ? null : text())
  const frame = () =>
    sampleFrame({ filename: maybe(), absPath: maybe(), module: maybe(), function: maybe(), inApp: random(2) === 0 })
  const frames = () => Array.from({ length: 1 + random(4) }, frame)
  return sampleEvent({
    ...{ release: maybe(), environment: maybe(), logger: maybe(), transaction: maybe(), platform: text() },
    tags: [{ key: 'a', value: text() }],
    message: random(2) === 0 ? null : { template: maybe(), formatted: text() },
    exceptions: Array.from({ length: random(4) }, () =>
      sampleException(maybe(), maybe(), random(3) === 0 ? [] : frames()),
    ),
    stacktrace: random(2) === 0 ? null : { frames: frames() },
  })
}
