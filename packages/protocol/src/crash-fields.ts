import { parseEventJson } from './event-json.ts'
import { FORM_DATA_BYTES_MAX, PARTS_MAX } from './limits.ts'
import { mergeJson } from './merge-json.ts'
import { ProtocolError } from './protocol-error.ts'
import { isRecord, type JsonObject } from './record.ts'

type Field = readonly [name: string, value: string]
/** Text, or more of the same by name. */
interface Branch extends Map<string, string | Branch> {}

const CHUNK = /^sentry__(\d{1,9})$/
const NESTED = /^sentry((?:\[[^[\]]{1,200}\]){1,8})$/
/** In JSON a byte becomes six characters at most. */
const JSON_BYTES_MAX = 8 * FORM_DATA_BYTES_MAX

/**
 * What the text fields of a crash upload say of its event (see `crashEventId`, which finds the id alone): the JSON of
 * the chunks `sentry__1`, `sentry__2` …, over that the JSON of `sentry`, over that fields such as `sentry[tags][a]`;
 * all other fields are the event's `extra`. `payload` is that of a `form_data` item. Total: what cannot be read says
 * nothing.
 */
export function readCrashFields(payload: Buffer): JsonObject {
  const fields = readFields(payload)
  const extra = Object.fromEntries(fields.filter(([name]) => !/^sentry(?:$|\[|__)/.test(name)))
  const whole = fields.filter(([name]) => name === 'sentry').map(([, value]) => value)
  return [...[joinChunks(fields), ...whole].map(readObject), readNested(fields)].reduce(mergeJson, { extra })
}

/** `[[name, value], …]` */
function readFields(payload: Buffer): readonly Field[] {
  if (payload.length > JSON_BYTES_MAX) return []
  try {
    const fields: unknown = JSON.parse(payload.toString('utf8'))
    return Array.isArray(fields) ? fields.slice(0, PARTS_MAX).filter(isField) : []
  } catch {
    return []
  }
}

function isField(value: unknown): value is Field {
  return Array.isArray(value) && value.length === 2 && value.every((part) => typeof part === 'string')
}

function joinChunks(fields: readonly Field[]): string {
  const chunks = fields.map(([name, value]) => ({ index: Number(CHUNK.exec(name)?.[1] ?? Number.NaN), value }))
  return chunks
    .filter(({ index }) => !Number.isNaN(index))
    .toSorted((a, b) => a.index - b.index)
    .map(({ value }) => value)
    .join('')
}

function readObject(text: string): JsonObject {
  try {
    return parseEventJson(Buffer.from(text))
  } catch (error) {
    if (error instanceof ProtocolError) return {}
    throw error
  }
}

/** In maps first: `sentry[__proto__][a]` is a member like any other. */
function readNested(fields: readonly Field[]): JsonObject {
  const root: Branch = new Map()
  for (const [name, value] of fields) {
    const path = NESTED.exec(name)?.[1]?.slice(1, -1).split('][') ?? []
    const last = path.pop()
    if (last !== undefined) path.reduce(branchOf, root).set(last, value)
  }
  return objectOf(root)
}

function branchOf(parent: Branch, name: string): Branch {
  const known = parent.get(name)
  if (known instanceof Map) return known
  const branch: Branch = new Map()
  parent.set(name, branch)
  return branch
}

function objectOf(branch: Branch): JsonObject {
  const members = Array.from(branch, ([name, value]) => [name, value instanceof Map ? objectOf(value) : value] as const)
  const object: unknown = Object.fromEntries(members)
  return isRecord(object) ? object : {}
}
