import type { Settings } from './read-settings.ts'

/** SDKs go on updating a session for five days, and its day must be there to merge into: else it would count twice. */
const SESSION_DAYS_MIN = 7

/**
 * For how many UTC days, today among them, everything is kept: what is of the day `today - days` or older goes. Where a
 * setting is unset, RETENTION_DAYS holds.
 */
export function retentionOf(settings: Settings) {
  const { RETENTION_DAYS, ARCHIVE_RETENTION_DAYS, SESSION_RETENTION_DAYS, ANALYTICS_RETENTION_DAYS } = settings
  return {
    /** Reports and the other items. */
    reportDays: RETENTION_DAYS,
    archiveDays: ARCHIVE_RETENTION_DAYS ?? RETENTION_DAYS,
    sessionDays: Math.max(SESSION_RETENTION_DAYS ?? RETENTION_DAYS, SESSION_DAYS_MIN),
    ledgerDays: ANALYTICS_RETENTION_DAYS ?? RETENTION_DAYS,
    dedupeDays: settings.DEDUPE_DAYS,
  }
}
