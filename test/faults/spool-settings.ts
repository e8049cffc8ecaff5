/** A gateway that spools into the folder however full the machine's disk is, and flushes its counts every second. */
export function spoolSettings(folder: string): Readonly<Record<string, string>> {
  return { SPOOL_DIR: folder, MIN_FREE_DISK_BYTES: '0', ANALYTICS_FLUSH_INTERVAL_SECS: '1' }
}
