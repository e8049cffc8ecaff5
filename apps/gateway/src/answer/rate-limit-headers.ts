import type { Limit } from '../admit/limit.ts'

/**
 * What an SDK is to stop sending, in the names all of them use for it between them (metrics and logs have several). Spelled out,
 * because an empty list means everything: never `session`, whose gaps falsify crash-free rates unseen, `monitor`, whose gaps
 * raise alarms, nor `internal`, which is how SDKs report what they lost. (Sentry's ingestion protocol, categories)
 */
const CATEGORIES = [
  'default',
  'error',
  'transaction',
  'security',
  'attachment',
  'attachment_item',
  'feedback',
  'user_report_v2',
  'replay',
  'profile',
  'profile_chunk',
  'profile_chunk_ui',
  'span',
  'log_item',
  'log_byte',
  'trace_metric',
  'metric',
  'metric_bucket',
].join(';')

/**
 * The headers of a 429, in the grammar that every SDK reads alike: whole seconds, lower-case names, a scope, one entry.
 * SDKs that know X-Sentry-Rate-Limits read nothing else: JavaScript, Python, Java and Go look at Retry-After, which pauses
 * everything, only where it is missing. So Retry-After is for old SDKs and for whatever stands in between.
 * (Sentry's ingestion protocol, how SDKs parse rate limits)
 */
export function rateLimitHeaders({ retryAfterSecs, scope }: Limit): Readonly<Record<string, string>> {
  return {
    'Retry-After': String(retryAfterSecs),
    'X-Sentry-Rate-Limits': `${retryAfterSecs}:${CATEGORIES}:${scope}`,
  }
}
