import { BAG_LIMITS, type BagLimit } from '../limits.ts'
import { isSecretName, MASK } from '../mask.ts'
import { maskedJson } from '../masked-json.ts'
import { isRecord } from '../record.ts'
import { lenientText } from '../text.ts'
import { cleanKey, fillBag, type Room } from './bag.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** A name with a value: a header, a cookie, a parameter. Names may repeat. */
export interface Pair {
  name: string
  value: string
}

type SentPair = readonly [name: string, value: unknown]

/** Parameters of a query string, which may be text, an object or a list of pairs. */
export function readQuery(value: unknown, trail: Trail): readonly Pair[] {
  const sent = typeof value === 'string' ? parseQuery(value) : toPairs(value, null)
  return fillPairs(sent, BAG_LIMITS.query, trail, isSecretName)
}

export function readHeaders(sent: readonly SentPair[], trail: Trail): readonly Pair[] {
  const named = sent.map(([name, value]): SentPair => [titleCase(name), value])
  return fillPairs(named, BAG_LIMITS.headers, trail, isSecretName)
}

/** Names only: every cookie may be what a session is known by. */
export function readCookies(value: unknown, trail: Trail): readonly Pair[] {
  const sent = typeof value === 'string' ? parseCookies(value) : toPairs(value, null)
  return fillPairs(sent, BAG_LIMITS.cookies, trail, () => true)
}

/** Modules and their versions. */
export function readModules(value: unknown, trail: Trail): readonly Pair[] {
  return isRecord(value) ? fillPairs(Object.entries(value), BAG_LIMITS.modules, trail, () => false) : []
}

/** The pairs of an object or of a list of pairs; a list of values is joined, or makes a pair of each where nothing joins. */
export function toPairs(value: unknown, joint: string | null): readonly SentPair[] {
  const entries: readonly unknown[] = isRecord(value) ? Object.entries(value) : Array.isArray(value) ? value : []
  const pairs: SentPair[] = []
  for (const entry of entries) {
    if (!Array.isArray(entry)) continue
    const name = lenientText(entry[0])
    if (name === null) continue
    const values: readonly unknown[] = Array.isArray(entry[1]) ? entry[1] : [entry[1]]
    if (joint === null) for (const single of values) pairs.push([name, single])
    else pairs.push([name, values.length === 1 ? values[0] : values.map(textOf).join(joint)])
  }
  return pairs
}

function fillPairs(
  sent: readonly SentPair[],
  limit: BagLimit,
  trail: Trail,
  isSecret: (name: string) => boolean,
): readonly Pair[] {
  const room: Room = { bytes: limit.bytesMax }
  const pairs: Pair[] = []
  for (const [index, [sentName, value]] of sent.entries()) {
    if (room.bytes < 16) {
      noteDropped(trail, sent.length)
      break
    }
    const name = cleanKey(sentName)
    room.bytes -= Buffer.byteLength(name)
    const text = textOf(value)
    const kept = fillBag(text !== '' && isSecret(sentName) ? MASK : text, 0, room, below(trail, index, 1))
    pairs.push({ name, value: typeof kept === 'string' ? kept : '' })
  }
  return pairs
}

function textOf(value: unknown): string {
  return lenientText(value) ?? maskedJson(value) ?? ''
}

function parseQuery(text: string): readonly SentPair[] {
  return [...new URLSearchParams(text)]
}

function parseCookies(text: string): readonly SentPair[] {
  return text.split(';').flatMap((cookie): SentPair[] => {
    const name = cookie.split('=', 1)[0] ?? ''
    return name.trim() === '' ? [] : [[name.trim(), cookie.slice(name.length + 1).trim()]]
  })
}

/** `x-foo` as `X-Foo`. */
function titleCase(name: string): string {
  return name
    .slice(0, 1000)
    .trim()
    .split('-')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('-')
}
