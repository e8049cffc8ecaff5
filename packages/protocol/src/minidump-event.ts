import { parseTimestamp } from './clock.ts'
import { readCrashFields } from './crash-fields.ts'
import type { Item } from './envelope.ts'
import { BREADCRUMBS_MAX } from './limits.ts'
import { mergeJson } from './merge-json.ts'
import { readAttachment } from './read-attachment.ts'
import { readMsgpack } from './read-msgpack.ts'
import { isRecord, type JsonObject } from './record.ts'
import { valuesOf } from './values-list.ts'

/** What a dump or a crash report says without being understood. */
interface Crash {
  readonly type: string
  /** The title of its issue. */
  readonly value: string
  readonly mechanism: string
  /** Seconds since 1970. */
  readonly timestamp: number | null
}

const TITLE = 'native crash'
/** Of a crash report: the line stands among the first twenty. */
const REPORT_START_BYTES = 16 * 1024

const CRASHES: ReadonlyMap<string, (payload: Buffer) => Crash> = new Map([
  ['event.minidump', fromMinidump],
  ['event.applecrashreport', fromAppleCrashReport],
])

/**
 * The event of a native crash as a payload for `normaliseEvent`, from the attachments and form fields of an envelope
 * without an event: what the crash reporter wrote (msgpack, fields, breadcrumbs of two files) over a placeholder for
 * the dump, which nobody reads here. A second file of a kind is not looked at. `null` where no attachment makes an
 * event. Total.
 */
export function crashEvent({ items }: { readonly items: readonly Item[] }): JsonObject | null {
  const files = items.filter(({ type }) => type === 'attachment').map((item) => ({ item, ...readAttachment(item) }))
  const ofType = (name: string, max: number) =>
    files.flatMap((file) => (file.attachmentType === name ? [file.item.payload] : [])).slice(0, max)
  const [crash] = files.flatMap((file) => CRASHES.get(file.attachmentType)?.(file.item.payload) ?? [])
  const written = ofType('event.payload', 1).flatMap(readMsgpack).filter(isRecord)
  if (crash === undefined && written.length === 0) return null
  const form = items.find(({ type }) => type === 'form_data')
  const fields = form === undefined ? {} : readCrashFields(form.payload)
  const said = mergeJson(written[0] ?? {}, fields)
  const event = { ...said, breadcrumbs: mergeBreadcrumbs(said.breadcrumbs, ofType('event.breadcrumbs', 2)) }
  return crash === undefined ? event : { ...event, ...placeholder(crash, said) }
}

/** A crash is native and fatal; an exception that the reporter wrote itself is worth more than ours. */
function placeholder({ type, value, mechanism, timestamp }: Crash, said: JsonObject): JsonObject {
  const exception = { type, value, mechanism: { type: mechanism, handled: false, synthetic: true } }
  return {
    platform: 'native',
    level: said.level ?? 'fatal',
    timestamp: timestamp ?? said.timestamp,
    exception: { values: valuesOf(said.exception).length > 0 ? valuesOf(said.exception) : [exception] },
  }
}

/** Of two files that are written in turn, and overwritten: the newest, oldest first. */
function mergeBreadcrumbs(said: unknown, files: readonly Buffer[]): JsonObject {
  const written = files.flatMap(readMsgpack).flatMap((value) => (Array.isArray(value) ? value : [value]))
  const dated = [...valuesOf(said), ...written.filter(isRecord)].map((breadcrumb) => ({
    breadcrumb,
    at: parseTimestamp(breadcrumb.timestamp) ?? 0,
  }))
  const newest = dated.toSorted((a, b) => a.at - b.at).slice(-BREADCRUMBS_MAX)
  return { values: newest.map(({ breadcrumb }) => breadcrumb) }
}

/** When it happened stands in its header, which is out of reach in a compressed one. */
function fromMinidump(payload: Buffer): Crash {
  const seconds = payload.toString('latin1', 0, 4) === 'MDMP' && payload.length >= 24 ? payload.readUInt32LE(20) : 0
  return { type: 'Minidump', value: TITLE, mechanism: 'minidump', timestamp: seconds || null }
}

function fromAppleCrashReport(payload: Buffer): Crash {
  const text = payload.toString('utf8', 0, REPORT_START_BYTES)
  const exception = /^Exception Type:[ \t]{0,40}(\S.{0,200})/m.exec(text)?.[1]?.trim()
  return { type: 'AppleCrashReport', value: exception ?? TITLE, mechanism: 'applecrashreport', timestamp: null }
}
