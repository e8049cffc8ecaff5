import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Event } from '@rumen/protocol/event'
import { parseEventId } from '@rumen/protocol/event-id'
import { parseEventJson } from '@rumen/protocol/event-json'
import { normaliseEvent } from '@rumen/protocol/normalise-event'
import { isRecord } from '@rumen/protocol/record'
import { describe, expect, test } from 'vitest'
import { type GroupingConfig, STRATEGIES } from './config.ts'
import { type Explanation, explain } from './explain.ts'
import { group } from './group.ts'
import { randomEvent } from './random-event.ts'
import { parseRules } from './rules/parse-rules.ts'
import { sampleEvent, sampleException, sampleFrame } from './sample-event.ts'
import { seededRandom } from './seeded-random.ts'

const CLUSTERS = fileURLToPath(new URL('../../../test/fixtures/grouping', import.meta.url))

function by(rules: string, strategy: GroupingConfig['strategy'] = 'stack'): GroupingConfig {
  return { mechanism: 'v1', strategy, rules: parseRules(rules) }
}

/** Every labelled event there is. */
function readLabelled(): Event[] {
  const files = readdirSync(CLUSTERS, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'))
  const receipt = { eventId: parseEventId('0123456789abcdef0123456789abcdef') ?? never(), receivedAt: new Date(0) }
  const unknown = { sentAt: null, sdk: null, clientIp: null, userAgent: null, client: null }
  return files.flatMap((file) => {
    const { events } = parseEventJson(readFileSync(join(CLUSTERS, file)))
    if (!Array.isArray(events)) throw new Error(`${file} has no events`)
    return events.map((one: unknown) => {
      if (!isRecord(one) || !isRecord(one.event)) throw new Error(`${file} has an event that is none`)
      return normaliseEvent(one.event, { ...receipt, ...unknown })
    })
  })
}

function never(): never {
  throw new Error('this test is wrong')
}

/** What is wrong with an explanation, beside the grouping it explains. */
function faultsOf(explanation: Explanation, event: Event, config: GroupingConfig): string[] {
  const { grouping, description } = group(event, config)
  const used = explanation.components.filter(({ isUsed }) => isUsed)
  const key = used.map(({ text }) => text).join(' ⋄ ')
  const isCut = Buffer.byteLength(key) > 8192
  return [
    ...((isCut ? key.startsWith(grouping.key.slice(0, -1)) : key === grouping.key)
      ? []
      : [`the key is ${grouping.key}`]),
    ...(explanation.key === grouping.key && explanation.title === description.title ? [] : ['it is another event’s']),
    ...(explanation.hash === createHash('sha256').update(key).digest('hex') ? [] : ['the hash is another one']),
    ...(explanation.hash === grouping.hash.toString('hex') ? [] : ['the hash is not the digest’s']),
    ...explanation.components.flatMap(({ isUsed, text, reason, kind, source }) => [
      ...(isUsed === (text !== null) ? [] : ['what is used has a text, and nothing else']),
      ...(reason.trim() === '' ? ['a component has no reason'] : []),
      ...(kind === 'frame' && !source.includes(', ') ? [`no frame: ${source}`] : []),
    ]),
  ]
}

const RULES = `
type:*Error* -> fingerprint={{ default }},{{ level }}
file:*a* -> ignore
path:**p** -> in_app=off
function:** -> in_app=on title="{{ type }} in {{ function }}"
`

describe.each(STRATEGIES)('by %s the texts that are used are the key', (strategy) => {
  test.each([
    ['without rules', ''],
    ['with rules', RULES],
  ])('of every labelled event, %s', (_, rules) => {
    const events = readLabelled()
    expect(events.length).toBeGreaterThan(300)
    const config = by(rules, strategy)
    for (const event of events) expect(faultsOf(explain(event, config), event, config)).toEqual([])
  })

  test('of any event at all', () => {
    const random = seededRandom(42)
    const [plain, ruled] = [by('', strategy), by(RULES, strategy)]
    for (let round = 0; round < 2000; round++) {
      const event = randomEvent(random)
      for (const config of [plain, ruled]) {
        const faults = faultsOf(explain(event, config), event, config)
        if (faults.length > 0) throw new Error(`${faults.join(', ')}: ${JSON.stringify(event)}`)
      }
    }
  })

  test('of one that is cut, too', () => {
    const event = sampleEvent({ fingerprint: ['a'.repeat(5000), 'ä'.repeat(5000), 'end'] })
    const config = by('', strategy)
    expect(faultsOf(explain(event, config), event, config)).toEqual([])
    expect(explain(event, config).components.map(({ source }) => source.length)).toEqual([5000, 5000, 3])
  })
})

const run = sampleFrame({ function: 'run', filename: 'django/core/handlers.py', line: 45, inApp: false })
const view = sampleFrame({ function: 'view', filename: 'shop/views.py', line: 7, inApp: true })
const pay = sampleFrame({ function: 'pay', filename: 'shop/cart.py', line: 12, inApp: true })
const event = sampleEvent({
  platform: 'python',
  exceptions: [sampleException('CartError', 'no cart 17', [run, view, pay])],
})

/** The components of an event, a line each. */
function linesOf(explanation: Explanation): string[] {
  return explanation.components.map(
    ({ kind, text, source, reason }) => `${kind} | ${text ?? '–'} | ${source} | ${reason}`,
  )
}

describe('a component', () => {
  test('has what the event has, and is left out for a reason', () => {
    const explanation = explain(event, by(''))
    expect(explanation).toMatchObject({
      mechanism: 'v1',
      strategy: 'stack',
      title: 'CartError: no cart 17',
      titleRule: null,
    })
    expect(explanation.components.map(({ kind, source, isUsed }) => ({ kind, source, isUsed }))).toEqual([
      { kind: 'type', source: 'CartError', isUsed: true },
      { kind: 'frame', source: 'pay, shop/cart.py:12', isUsed: true },
      { kind: 'frame', source: 'view, shop/views.py:7', isUsed: false },
      { kind: 'frame', source: 'run, django/core/handlers.py:45', isUsed: false },
    ])
  })

  test.each([
    [{ function: 'f', module: 'shop.Cart', line: 3 }, 'f, shop.Cart:3'],
    [{ absPath: '/app/x.so', line: null }, '?, /app/x.so'],
    [{ package: '/lib/libshop.so', imageOffset: '1f2a' }, '?, /lib/libshop.so+1f2a'],
    [{ function: 'f', filename: 'x.c', imageOffset: '1f2a', line: 9 }, 'f, x.c:9'],
  ])('of a frame says where it is: %j', (fields, source) => {
    const broken = sampleEvent({ exceptions: [sampleException('E', 'x', [sampleFrame(fields)])] })
    const frames = explain(broken, by('')).components.filter(({ kind }) => kind === 'frame')
    expect(frames.map((one) => one.source)).toEqual([source])
  })
})

describe('the project’s rules are named by their lines', () => {
  test('where they mark frames', () => {
    const rules = '# ours\nfunction:pay -> in_app=off\nfile:views.py -> in_app=off\nfile:handlers.py -> in_app=on'
    const lines = linesOf(explain(event, by(rules))).filter((line) => line.startsWith('frame'))
    expect(lines.toSorted()).toEqual([
      expect.stringMatching(/^frame \| run in .+ \| run, .+ \(rule line 4: in_app=on\)$/),
      expect.stringMatching(/^frame \| – \| pay, [^()]+ \(rule line 2: in_app=off\)$/),
      expect.stringMatching(/^frame \| – \| view, [^()]+ \(rule line 3: in_app=off\)$/),
    ])
  })

  test('and a frame no rule speaks of has none', () => {
    const lines = linesOf(explain(event, by('function:run -> in_app=off')))
    expect(lines.filter((line) => line.includes('rule line'))).toEqual([expect.stringContaining('| run, ')])
  })

  test('where they take frames out, and the others keep their own', () => {
    const rules = 'function:view -> ignore\nfunction:pay -> in_app=on'
    const lines = linesOf(explain(event, by(rules)))
    expect(lines).toContain('frame | – | view, shop/views.py:7 | rule line 1 takes it out')
    expect(lines.filter((line) => line.includes('rule line 2'))).toEqual([
      expect.stringMatching(/^frame \| .+ \| pay, .+ \(rule line 2: in_app=on\)$/),
    ])
  })

  test('where they take out all there is of a stack', () => {
    const threaded = {
      ...event,
      stacktrace: { frames: [sampleFrame({ function: 'main', filename: 'app.py', inApp: true })] },
    }
    const lines = linesOf(
      explain(threaded, by('function:pay -> ignore\nfile:*s.py -> ignore\nfunction:main -> in_app=off')),
    )
    expect(lines.filter((line) => line.endsWith('takes it out'))).toHaveLength(3)
    expect(lines).toContainEqual(expect.stringMatching(/\| main, app\.py \| .+ \(rule line 3: in_app=off\)$/))
  })

  test('where they give the fingerprint or the title, and what the SDK wanted is left out', () => {
    const own = { ...event, fingerprint: ['mine', '{{ default }}'] }
    const { titleRule, title, key, components } = explain(
      own,
      by('type:* -> title=Cart\n\ntype:CartError -> fingerprint=cart,{{ type }}'),
    )
    expect({ titleRule, title, key }).toEqual({ titleRule: 1, title: 'Cart', key: 'cart ⋄ CartError' })
    expect(
      components.map(({ source, text, reason }) => ({ source, text, rule: reason.match(/rule line \d+/)?.[0] })),
    ).toEqual([
      { source: 'cart', text: 'cart', rule: 'rule line 3' },
      { source: '{{ type }}', text: 'CartError', rule: 'rule line 3' },
      { source: 'mine, {{ default }}', text: null, rule: 'rule line 3' },
    ])
  })

  test('and not where the SDK’s own fingerprint stays', () => {
    const own = { ...event, fingerprint: ['mine'] }
    const { titleRule, components } = explain(own, by('type:Other -> fingerprint=cart title=Cart'))
    expect(titleRule).toBeNull()
    expect(components.map(({ text, reason }) => [text, reason.includes('rule line')])).toEqual([['mine', false]])
  })
})
