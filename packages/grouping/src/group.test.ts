import { createHash } from 'node:crypto'
import type { Exception } from '@rumen/protocol/event'
import { describe, expect, test, vi } from 'vitest'
import { type GroupingConfig, STRATEGIES } from './config.ts'
import { group, traceGroup } from './group.ts'
import { randomEvent } from './random-event.ts'
import { parseRules } from './rules/parse-rules.ts'
import { sampleEvent, sampleException, sampleFrame } from './sample-event.ts'
import { seededRandom } from './seeded-random.ts'
import { parameterise } from './v1/message/parameterise.ts'

// A megabyte of text takes its time where other suites share the processor.
vi.setConfig({ testTimeout: 60_000 })

const CONFIG: GroupingConfig = { mechanism: 'v1', strategy: 'stack', rules: parseRules('') }
const event = sampleEvent({ exceptions: [sampleException('Error', 'order 17')], transaction: '/' })

test('an event comes back with its grouping and what it is called', () => {
  expect(group(event, CONFIG)).toEqual({
    event,
    grouping: {
      mechanism: 'v1',
      key: 'Error: order <*>',
      parts: [{ kind: 'message', text: 'Error: order <*>' }],
      hash: createHash('sha256').update('Error: order <*>').digest(),
    },
    description: { title: 'Error: order 17', culprit: '/', type: 'Error', value: 'order 17' },
  })
})

test('the strategy decides', () => {
  expect(group(event, { ...CONFIG, strategy: 'transaction' }).grouping.key).toBe('Error: order 17 ⋄ /')
})

describe('the project’s rules come first', () => {
  const by = (rules: string) => ({ ...CONFIG, rules: parseRules(rules) })

  test('for the fingerprint, over the SDK’s', () => {
    const config = by('type:Error -> fingerprint=broken,{{ default }}')
    expect(group({ ...event, fingerprint: ['other'] }, config).grouping.key).toBe('broken ⋄ Error: order <*>')
  })

  test('for the title', () => {
    expect(group(event, by('type:Error -> title="broke: {{ value }}"')).description.title).toBe('broke: order 17')
  })

  test('for what is the application’s, and what counts at all', () => {
    const frames = ['checkout', 'pay', 'log'].map((name) => sampleFrame({ function: name, filename: `${name}.py` }))
    const thrown = sampleEvent({ platform: 'python', exceptions: [sampleException('E', 'x', frames)] })
    const { event: seen, grouping } = group(thrown, by('function:log -> in_app=off\nfunction:pay -> ignore'))
    expect(grouping.key).toBe('E ⋄ checkout in checkout.py')
    expect(seen.exceptions[0]?.stacktrace?.frames.map((frame) => frame.function)).toEqual(['checkout', 'log'])
  })

  test('and a trace tells which did what', () => {
    const { ruled, components, grouping } = traceGroup(event, by('\ntype:Error -> fingerprint=broken'))
    expect(ruled.fingerprint).toMatchObject({ line: 2, parts: ['broken'] })
    expect(components.map(({ text }) => text)).toEqual([grouping.key])
  })
})

test('no event makes grouping or describing throw, and both give the same answer again', () => {
  const random = seededRandom(42)
  for (let round = 0; round < 3000; round++) {
    const strange = randomEvent(random)
    for (const strategy of STRATEGIES) {
      const { grouping, description } = group(strange, { ...CONFIG, strategy })
      expect(grouping.hash).toHaveLength(32)
      if (grouping.key === '' || Buffer.byteLength(grouping.key) > 8192) throw new Error(JSON.stringify(strange))
      expect(group(structuredClone(strange), { ...CONFIG, strategy }).grouping).toEqual(grouping)
      const { title, culprit } = description
      if (title.trim() === '' || [...title].length > 200 || [...culprit].length > 200)
        throw new Error(JSON.stringify(strange))
    }
  }
})

test('a text in a key is there without what varies: replacing it again changes nothing', () => {
  const random = seededRandom(11)
  for (let round = 0; round < 1000; round++) {
    const { message } = randomEvent(random)
    const { parts } = group(sampleEvent({ message }), CONFIG).grouping
    const said = parts.filter(({ kind, text }) => kind === 'message' && !text.includes('{'))
    expect(said.map(({ text }) => parameterise(text))).toEqual(said.map(({ text }) => text))
  }
})

test('the errors of a group may come in any order', () => {
  const random = seededRandom(5)
  const outer = sampleException('AggregateError', 'all failed', [], { isExceptionGroup: true })
  for (let round = 0; round < 500; round++) {
    const held = Array.from({ length: 2 + random(3) }, () => failureOf(random))
    const keyOf = (exceptions: readonly Exception[]) =>
      group(sampleEvent({ platform: 'python', exceptions: [...exceptions, outer] }), CONFIG).grouping.key
    expect(keyOf(held.toReversed())).toBe(keyOf(held))
  }
})

function failureOf(random: (limit: number) => number): Exception {
  const pick = (...from: readonly string[]) => from[random(from.length)] ?? ''
  const frames = random(2) === 0 ? [] : [sampleFrame({ function: pick('pay', 'ship', 'refund'), filename: 'cart.py' })]
  return sampleException(pick('A', 'B'), pick('no cart 17', 'no cart 4', 'no money', 'ENOENT'), frames)
}

const PLATFORMS = ['javascript', 'python', 'ruby', 'go', 'java', 'php', 'csharp', 'native', 'dart', 'elixir', 'other']

describe('time grows with the length of a text, not with its square', () => {
  test.each([
    ...[" 'a", '1.1h', 'a@b.', 'eyJ-', 'a://.', '0:', 'deadbeef-', 'May 1 ', '`', '\n', '{"a', '/var/', '#<a:0x'],
    ...['<*>-x2', '-_1', ']:['],
    // Engines' words, codes, and those of systems; templates.
    ...["Cannot read property '", 'a.b', '(evaluating ', 'constraint "', '(View: /', 'HTTP 404 a', 'aaError('],
    ...['%(a', '{a', '%-+#0'],
  ])('%j in a message', (seed) => {
    expectLinear(seed, (text) => {
      const exceptions = [sampleException('E', text)]
      group(sampleEvent({ platform: 'javascript', exceptions, fingerprint: ['{{ default }}', `{{${text}`] }), CONFIG)
      group(sampleEvent({ message: { template: text, formatted: 'x' } }), CONFIG)
    })
  })

  test.each([
    ...['$1', '{closure:', '/', '.min', '<a', '__1111_', '.<locals>', ' const', ' ', '_Z1', '[clone ', '&*', 'a.'],
    ...['/usr/', ' in ', '$$', '@', '.cold', '_Error', '`1', '(a:', '0x', '!'],
  ])('%j in the names of a frame and the type', (seed) => {
    expectLinear(seed, (text) => {
      const frame = sampleFrame({ function: `a${text}x`, filename: `${text}.js`, absPath: text, module: `x${text}` })
      const frames = [frame, { ...frame, module: null, package: text, inApp: true }]
      for (const platform of PLATFORMS) {
        group(sampleEvent({ platform, exceptions: [sampleException(`a${text}x`, 'x', frames)] }), CONFIG)
      }
    })
  })
})

/** Four times the text may take 4 times as long, not 16; the constant covers a busy machine and a cold start. */
function expectLinear(seed: string, run: (text: string) => void): void {
  const text = seed.repeat(1_048_576 / seed.length)
  const quarter = text.slice(0, 262_144)
  const quarterMs = cpuMs(() => run(quarter))
  expect(cpuMs(() => run(text))).toBeLessThan(9 * quarterMs + 400)
}

/** Milliseconds of this process alone: others share the machine. */
function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
