import { createHash } from 'node:crypto'
import type { Event, Exception, Frame } from '@rumen/protocol/event'
import { LEVELS } from '@rumen/protocol/event'
import { describe, expect, test, vi } from 'vitest'
import { group, STRATEGIES } from './group.ts'
import { sampleEvent, sampleException, sampleFrame } from './sample-event.ts'
import { seededRandom } from './seeded-random.ts'
import { describe as entitle } from './title.ts'

// A megabyte of text takes its time where other suites share the processor.
vi.setConfig({ testTimeout: 60_000 })

const options = { mechanism: 'v1', strategy: 'stack' } as const

test('a grouping names its mechanism, and its hash is the SHA-256 of its key', () => {
  const grouping = group(sampleEvent({ exceptions: [sampleException('Error', 'order 17')] }), options)
  expect(grouping).toEqual({
    mechanism: 'v1',
    key: 'Error: order <num>',
    parts: [{ kind: 'message', text: 'Error: order <num>' }],
    hash: createHash('sha256').update('Error: order <num>').digest(),
  })
})

test('the strategy decides', () => {
  const event = sampleEvent({ exceptions: [sampleException('Error', 'order 17')], transaction: '/' })
  expect(group(event, { mechanism: 'v1', strategy: 'transaction' }).key).toBe('Error: order 17 ⋄ /')
})

describe('a long key', () => {
  const long = (last: string) => sampleEvent({ fingerprint: ['a'.repeat(5000), `${'😀'.repeat(2000)}${last}`, 'end'] })

  test('is cut to 8 KiB between two characters, and so are its parts', () => {
    const { key, parts } = group(long('x'), options)
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(8192)
    expect(Buffer.byteLength(key)).toBeGreaterThan(8192 - 8)
    expect(key.isWellFormed()).toBe(true)
    expect(key).toBe(parts.map((part) => part.text).join(' ⋄ '))
    expect(key.endsWith('😀…')).toBe(true)
  })

  test('still tells two issues apart by what was cut away', () => {
    expect(group(long('x'), options).hash).not.toEqual(group(long('y'), options).hash)
    expect(group(long('x'), options).key).toBe(group(long('y'), options).key)
  })

  test('of exactly 8 KiB is whole', () => {
    const text = 'ä'.repeat(4096)
    expect(group(sampleEvent({ fingerprint: [text] }), options).key).toBe(text)
    expect(group(sampleEvent({ fingerprint: [`${text}b`] }), options).key.endsWith('ä…')).toBe(true)
  })
})

test('no event makes grouping or describing throw, and both give the same answer again', () => {
  const random = seededRandom(42)
  for (let round = 0; round < 3000; round++) {
    const event = randomEvent(random)
    for (const strategy of STRATEGIES) {
      const grouping = group(event, { mechanism: 'v1', strategy })
      expect(grouping.hash).toHaveLength(32)
      if (grouping.key === '' || Buffer.byteLength(grouping.key) > 8192) throw new Error(JSON.stringify(event))
      expect(group(structuredClone(event), { mechanism: 'v1', strategy })).toEqual(grouping)
    }
    const { title, culprit } = entitle(event)
    if (title.trim() === '' || [...title].length > 200 || [...culprit].length > 200)
      throw new Error(JSON.stringify(event))
  }
})

describe('time grows with the length of a text, not with its square', () => {
  test.each([" 'a", '1.1h', 'a@b.', 'eyJ-', 'a://.', '::', '0:', 'deadbeef-', 'May 1 ', '`', '\n'])(
    '%j in a message',
    (seed) => {
      expectLinear(seed, (text) => {
        const event = sampleEvent({
          exceptions: [sampleException('E', text)],
          fingerprint: ['{{ default }}', `{{${text}`],
        })
        group(event, options)
        entitle(event)
      })
    },
  )

  test.each(['$1', '{closure:', '/', '.min', '<a', '-1', '__1111_', '.<locals>'])(
    '%j in the names of a frame',
    (seed) => {
      expectLinear(seed, (text) => {
        const frame = sampleFrame({ function: text, filename: `${text}.js`, absPath: text, module: `x${text}` })
        for (const platform of ['javascript', 'python', 'ruby', 'go', 'java', 'php', 'other']) {
          const frames = [frame, { ...frame, module: null, inApp: true }]
          group(sampleEvent({ platform, exceptions: [sampleException(text, 'x', frames)] }), options)
        }
      })
    },
  )
})

/** Four times the text may take 4 times as long, not 16; the constant covers a busy machine and a cold start. */
function expectLinear(seed: string, run: (text: string) => void): void {
  const text = seed.repeat(1_048_576 / seed.length)
  const quarter = text.slice(0, 262_144)
  const quarterMs = Math.min(
    cpuMs(() => run(quarter)),
    cpuMs(() => run(quarter)),
  )
  expect(cpuMs(() => run(text))).toBeLessThan(9 * quarterMs + 400)
}

/** Milliseconds of this process alone: others share the machine. */
function cpuMs(run: () => void): number {
  const before = process.cpuUsage()
  run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const PIECES = [
  '',
  ' ',
  'a',
  'pay',
  '?',
  '<anonymous>',
  '{{ default }}',
  '{{ type }}',
  '17',
  '\u0000',
  '\ud83d',
  '😀',
  '\n',
  '::',
  '$',
  '$1',
  '/',
].concat([
  'http://',
  'webpack:///',
  'C:\\',
  '.js',
  '.min.js',
  'node_modules/',
  '{closure:',
  ' in ',
  '#',
  '.',
  "'",
  '"',
  '0x1f',
  'é',
  '…',
  '__proto__',
])
const PLATFORMS = [
  'javascript',
  'node',
  'python',
  'ruby',
  'go',
  'java',
  'php',
  'native',
  'csharp',
  'other',
  'constructor',
  '',
]

function randomEvent(random: (limit: number) => number): Event {
  const pick = <T>(from: readonly T[]): T => {
    const found = from[random(from.length)]
    if (found === undefined) throw new Error('picked from nothing')
    return found
  }
  const list = <T>(max: number, make: () => T): T[] => Array.from({ length: random(max + 1) }, make)
  const text = () => list(5, () => pick(PIECES)).join('')
  const maybe = <T>(make: () => T): T | null => (random(3) === 0 ? null : make())
  const flag = () => pick([true, false, null])
  const frame = (): Frame =>
    sampleFrame({
      ...{ filename: maybe(text), absPath: maybe(text), module: maybe(text), package: maybe(text) },
      ...{ function: maybe(text), inApp: flag(), line: random(9) },
    })
  const exception = (): Exception => {
    const mechanism = maybe(() => ({ synthetic: random(2) === 0, isExceptionGroup: random(2) === 0 }))
    return { ...sampleException(maybe(text), maybe(text), list(6, frame), mechanism), module: maybe(text) }
  }
  return sampleEvent({
    ...{ platform: pick(PLATFORMS), level: pick(LEVELS), transaction: maybe(text), logger: maybe(text) },
    fingerprint: list(3, text),
    tags: list(2, () => ({ key: text(), value: text() })),
    message: maybe(() => ({ template: maybe(text), formatted: text() })),
    exceptions: list(3, exception),
    stacktrace: maybe(() => ({ frames: list(3, frame) })),
    request: { url: maybe(text), method: null },
  })
}
