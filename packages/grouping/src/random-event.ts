import type { Event, Exception, Frame } from '@rumen/protocol/event'
import { LEVELS } from '@rumen/protocol/event'
import { sampleEvent, sampleException, sampleFrame } from './sample-event.ts'

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

/** For tests: an event of strange pieces, the same ones for the same numbers. */
export function randomEvent(random: (limit: number) => number): Event {
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
