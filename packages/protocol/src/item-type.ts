/** Every item type an SDK or a Relay is known to send (Sentry envelope items, including removed and internal ones). */
export const ITEM_TYPES = [
  'event',
  'transaction',
  'span',
  'session',
  'sessions',
  'client_report',
  'attachment',
  'user_report',
  'feedback',
  'check_in',
  'log',
  'otel_log',
  'trace_metric',
  'statsd',
  'metric_buckets',
  'metric_meta',
  'replay_event',
  'replay_recording',
  'replay_video',
  'profile',
  'profile_chunk',
  'profile_chunk_ui',
  'raw_security',
  'security',
  'nel',
  'unreal_report',
  'form_data',
  'integration',
] as const

export type ItemType = (typeof ITEM_TYPES)[number]

/** What the digest does with an item: make a report of it, or count it as one we do not keep. */
export type Treatment = 'digest' | 'unsupported'

/** A type added above does not compile until it is decided here. */
const TREATMENTS = {
  event: 'digest',
  transaction: 'unsupported',
  span: 'unsupported',
  session: 'unsupported',
  sessions: 'unsupported',
  client_report: 'unsupported',
  attachment: 'unsupported',
  user_report: 'unsupported',
  feedback: 'unsupported',
  check_in: 'unsupported',
  log: 'unsupported',
  otel_log: 'unsupported',
  trace_metric: 'unsupported',
  statsd: 'unsupported',
  metric_buckets: 'unsupported',
  metric_meta: 'unsupported',
  replay_event: 'unsupported',
  replay_recording: 'unsupported',
  replay_video: 'unsupported',
  profile: 'unsupported',
  profile_chunk: 'unsupported',
  profile_chunk_ui: 'unsupported',
  raw_security: 'unsupported',
  security: 'unsupported',
  nel: 'unsupported',
  unreal_report: 'unsupported',
  form_data: 'unsupported',
  integration: 'unsupported',
} as const satisfies Record<ItemType, Treatment>

export function isItemType(type: string): type is ItemType {
  return Object.hasOwn(TREATMENTS, type)
}

/** Types of newer SDKs are normal traffic: counted, never an error. */
export function treatmentOf(type: string): Treatment {
  return isItemType(type) ? TREATMENTS[type] : 'unsupported'
}
