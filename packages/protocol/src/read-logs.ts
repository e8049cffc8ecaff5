import type { Level } from './event.ts'
import { LOG_TAGS_MAX, LOGS_MAX } from './limits.ts'
import { isRecord, type JsonObject, recordOf } from './record.ts'

export interface Log {
  readonly level: Level
  /** The record as an event's payload, for `normaliseEvent`. */
  readonly payload: JsonObject
}

const LEVELS: ReadonlyMap<unknown, Level> = new Map<unknown, Level>([
  ['trace', 'debug'],
  ['debug', 'debug'],
  ['info', 'info'],
  ['warn', 'warning'],
  ['warning', 'warning'],
  ['error', 'error'],
  ['fatal', 'fatal'],
])
/** OpenTelemetry's severity numbers, four to a level: trace is 1 to 4, fatal 21 to 24. */
const SEVERITIES: readonly Level[] = ['debug', 'debug', 'info', 'warning', 'error', 'fatal']

const PARAMETER = 'sentry.message.parameter.'
/** Attributes that have a place of their own in an event, or are of no use outside Sentry. */
const NO_TAG = /^(?:sentry\.|user\.(?:id|email|name)$|server\.address$|logger\.name$)/

/**
 * A `log` item, `{items: […]}`: its first `LOGS_MAX` records. `cut` counts those that are not read, being too many or
 * no objects. Total.
 */
export function readLogs(payload: JsonObject): { readonly logs: readonly Log[]; readonly cut: number } {
  const items: readonly unknown[] = Array.isArray(payload.items) ? payload.items : []
  const logs = items.slice(0, LOGS_MAX).filter(isRecord).map(readLog)
  return { logs, cut: items.length - logs.length }
}

function readLog(record: JsonObject): Log {
  const attributes = readAttributes(record.attributes)
  const level = readLevel(record)
  return {
    level,
    payload: {
      level,
      timestamp: record.timestamp,
      logentry: readMessage(record.body, attributes),
      logger: attributes.get('logger.name'),
      environment: attributes.get('sentry.environment'),
      release: attributes.get('sentry.release'),
      server_name: attributes.get('server.address'),
      sdk: { name: attributes.get('sentry.sdk.name'), version: attributes.get('sentry.sdk.version') },
      user: {
        id: attributes.get('user.id'),
        email: attributes.get('user.email'),
        username: attributes.get('user.name'),
      },
      contexts: { trace: { trace_id: record.trace_id, span_id: record.span_id } },
      tags: readTags(attributes),
    },
  }
}

function readLevel({ level, severity_number: severity }: JsonObject): Level {
  const named = LEVELS.get(typeof level === 'string' ? level.trim().toLowerCase() : null)
  const numbered = typeof severity === 'number' ? SEVERITIES[Math.ceil(severity / 4) - 1] : undefined
  return named ?? numbered ?? 'info'
}

/** `{name: {value, type}}`, or the bare value; a map, because names are free text. */
function readAttributes(value: unknown): ReadonlyMap<string, unknown> {
  const entries = Object.entries(recordOf(value))
  return new Map(entries.map(([name, attribute]) => [name, isRecord(attribute) ? attribute.value : attribute]))
}

/** The template groups logs of one kind; without one the text itself does. */
function readMessage(body: unknown, attributes: ReadonlyMap<string, unknown>): JsonObject {
  const template = attributes.get('sentry.message.template')
  if (typeof template !== 'string') return { formatted: body }
  const given = Array.from(attributes).filter(([name]) => name.startsWith(PARAMETER))
  const params = Object.fromEntries(given.map(([name, value]) => [name.slice(PARAMETER.length), value]))
  return { message: template, formatted: body, params }
}

function readTags(attributes: ReadonlyMap<string, unknown>): readonly (readonly [string, unknown])[] {
  const tags: (readonly [string, unknown])[] = []
  for (const [name, value] of attributes) {
    const isScalar = typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number'
    if (!isScalar || NO_TAG.test(name)) continue
    tags.push([name, typeof value === 'number' ? String(value) : value]) // an event's tag would lose the fraction
    if (tags.length === LOG_TAGS_MAX) break
  }
  return tags
}
