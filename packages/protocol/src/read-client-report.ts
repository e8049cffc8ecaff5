import { INTEGER_MAX } from './limits.ts'
import { isRecord, type JsonObject } from './record.ts'

/** How many items of a kind an SDK, or a Relay before us, dropped, and why. */
export interface Discard {
  readonly category: string
  readonly reason: string
  /** From 1 to `INTEGER_MAX`. */
  readonly quantity: number
}

const OTHER = 'other'

// biome-ignore format: a list of words
const CATEGORIES: ReadonlySet<unknown> = new Set([
  'default', 'error', 'transaction', 'security', 'attachment', 'session', 'profile', 'profile_indexed', 'replay', 'replay_video',
  'transaction_processed', 'transaction_indexed', 'monitor', 'span', 'span_indexed', 'log_item', 'log_byte', 'monitor_seat',
  'feedback', 'metric_bucket', 'metric_second', 'profile_duration', 'profile_duration_ui', 'profile_chunk', 'profile_chunk_ui',
  'profile_backend', 'profile_ui', 'uptime', 'attachment_item', 'trace_metric', 'trace_metric_byte', 'size_analysis',
  'installable_build', 'internal', 'unknown',
])
/** Older and shorter names of the above. */
const ALIASES: ReadonlyMap<unknown, string> = new Map([
  ['user_report_v2', 'feedback'],
  ['metric', 'trace_metric'],
])

/** Those of SDKs, then those of Relay's filters. */
// biome-ignore format: a list of words
const REASONS: ReadonlySet<unknown> = new Set([
  'queue_overflow', 'cache_overflow', 'buffer_overflow', 'ratelimit_backoff', 'network_error', 'sample_rate', 'before_send',
  'event_processor', 'send_error', 'internal_sdk_error', 'insufficient_data', 'backpressure', 'ignored', 'invalid', 'no_parent_span',
  'browser-extensions', 'cors', 'error-message', 'filtered-transaction', 'ip-address', 'legacy-browsers', 'localhost',
  'react-hydration-errors', 'release-version', 'web-crawlers',
])

/** The lists of a report; the last three come from Relays, whose reasons are free text, so the list says what it can. */
const LISTS = [
  { name: 'discarded_events', otherReason: OTHER },
  { name: 'rate_limited_events', otherReason: 'rate_limited' },
  { name: 'filtered_events', otherReason: 'filtered' },
  { name: 'filtered_sampling_events', otherReason: 'filtered_sampling' },
]

/**
 * A `client_report` item. Total. Equal entries are summed, and text outside the protocol's words becomes `other`, so
 * that whatever is sent there are no more entries than pairs of words. An entry without a positive number is none.
 */
export function readClientReport(payload: JsonObject): readonly Discard[] {
  const discards = new Map<string, Discard>()
  for (const { name, otherReason } of LISTS) {
    const entries = Object.hasOwn(payload, name) ? payload[name] : null
    if (!Array.isArray(entries)) continue
    for (const entry of entries.filter(isRecord)) add(discards, readDiscard(entry, otherReason))
  }
  return [...discards.values()]
}

function readDiscard({ category, reason, quantity }: JsonObject, otherReason: string): Discard {
  return {
    category: wordOf(ALIASES.get(category) ?? category, CATEGORIES, OTHER),
    reason: wordOf(reason, REASONS, otherReason),
    quantity: typeof quantity === 'number' && quantity >= 1 ? Math.floor(quantity) : 0,
  }
}

function add(discards: Map<string, Discard>, { category, reason, quantity }: Discard): void {
  if (quantity === 0) return
  const key = `${category} ${reason}`
  const sum = quantity + (discards.get(key)?.quantity ?? 0)
  discards.set(key, { category, reason, quantity: Math.min(sum, INTEGER_MAX) })
}

function wordOf(value: unknown, words: ReadonlySet<unknown>, otherwise: string): string {
  return typeof value === 'string' && words.has(value) ? value : otherwise
}
