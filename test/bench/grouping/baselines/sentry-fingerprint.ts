import type { Event, Frame } from '@rumen/protocol/event'

const VARIABLE = /^\{\{\s*(\S+?)\s*\}\}$/

type Resolver = (event: Event) => string | null | undefined

const RESOLVERS: ReadonlyMap<string, Resolver> = new Map<string, Resolver>([
  ['transaction', ({ transaction }) => transaction],
  ['message', (event) => event.message?.formatted ?? event.exceptions.at(-1)?.value],
  ['type', ({ exceptions }) => exceptions.at(-1)?.type],
  ['error.type', ({ exceptions }) => exceptions.at(-1)?.type],
  ['value', ({ exceptions }) => exceptions.at(-1)?.value],
  ['error.value', ({ exceptions }) => exceptions.at(-1)?.value],
  ['function', (event) => crashFrame(event)?.function],
  ['stack.function', (event) => crashFrame(event)?.function],
  ['path', (event) => crashFrame(event)?.absPath ?? crashFrame(event)?.filename],
  ['stack.abs_path', (event) => crashFrame(event)?.absPath ?? crashFrame(event)?.filename],
  ['module', (event) => crashFrame(event)?.module],
  ['stack.module', (event) => crashFrame(event)?.module],
  ['package', (event) => crashFrame(event)?.package?.split(/[/\\]/).at(-1)],
  ['stack.package', (event) => crashFrame(event)?.package?.split(/[/\\]/).at(-1)],
  ['level', ({ level }) => level],
  ['logger', ({ logger }) => logger],
])

/** One part of a fingerprint with its variable filled in, as Sentry does (`src/sentry/grouping/utils.py`). */
export function resolveFingerprint(part: string, event: Event): string {
  const name = VARIABLE.exec(part)?.[1]
  if (name === undefined) return part
  if (name.startsWith('tags.')) {
    const key = name.slice('tags.'.length)
    return event.tags.find((tag) => tag.key === key)?.value ?? `<no-value-for-tag-${key}>`
  }
  const resolve = RESOLVERS.get(name)
  return resolve === undefined ? part : (resolve(event) ?? `<no-${name}>`)
}

function crashFrame({ exceptions, stacktrace }: Event): Frame | undefined {
  const frames = (exceptions.at(-1)?.stacktrace ?? stacktrace)?.frames
  return frames?.findLast(({ inApp }) => inApp === true) ?? frames?.at(-1)
}
