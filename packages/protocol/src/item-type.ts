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

/** What the digest does with an item: the reader it goes to, or that it is counted as one we do not keep. */
export type Treatment =
  | 'event'
  | 'transaction'
  | 'session'
  | 'sessions'
  | 'client_report'
  | 'attachment'
  | 'user_report'
  | 'feedback'
  | 'check_in'
  | 'log'
  | 'raw_security'
  | 'form_data'
  | 'unsupported'

/** A type added above does not compile until it is decided here. */
const TREATMENTS = {
  event: 'event',
  transaction: 'transaction',
  span: 'unsupported',
  session: 'session',
  sessions: 'sessions',
  client_report: 'client_report',
  attachment: 'attachment',
  user_report: 'user_report',
  feedback: 'feedback',
  check_in: 'check_in',
  log: 'log',
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
  raw_security: 'raw_security',
  /** An event that another Relay made of a browser's report. */
  security: 'event',
  nel: 'unsupported',
  unreal_report: 'unsupported',
  /** Part of the crash it came with; by itself it says nothing. */
  form_data: 'form_data',
  integration: 'unsupported',
} as const satisfies Record<ItemType, Treatment>

export function isItemType(type: string): type is ItemType {
  return Object.hasOwn(TREATMENTS, type)
}

/** Types of newer SDKs are normal traffic: counted, never an error. */
export function treatmentOf(type: string): Treatment {
  return isItemType(type) ? TREATMENTS[type] : 'unsupported'
}
