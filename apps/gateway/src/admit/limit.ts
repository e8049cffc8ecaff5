/** What may say no to a request that is in order; also its name in the ledger and in metrics. */
type LimitReason =
  | 'ip'
  | 'global'
  | 'project'
  | 'key'
  | 'quota_minute'
  | 'quota_hour'
  | 'quota_month'
  | 'overload_bytes'
  | 'overload_commit'
  | 'overload_queue'

/** A request that is answered 429, and what its sender is told. */
export interface Limit {
  reason: LimitReason
  /** Whom it concerns, in the words of X-Sentry-Rate-Limits. SDKs read past it; a Relay on the way obeys it. */
  scope: 'organization' | 'project' | 'key'
  /** Whole seconds, from 1 to 300. */
  retryAfterSecs: number
  /** One sentence that names the setting or the limit to change. */
  detail: string
}

/** The reference server caps limits at five minutes: who waits longer does not notice that the limit was raised. */
const RETRY_AFTER_SECS_MAX = 300

/** The pause to ask for, from 1 to 300 whole seconds: rounded up, so that who keeps it finds the limit gone. */
export function retryAfterSecs(waitMs: number): number {
  return Math.min(Math.max(Math.ceil(waitMs / 1000), 1), RETRY_AFTER_SECS_MAX)
}
