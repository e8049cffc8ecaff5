import { checkInJson } from '@rumen/health/check'
import { nameOf } from '@rumen/health/judge-processes'
import { queueInJson } from '@rumen/health/role-health'
import packageJson from '../../package.json' with { type: 'json' }
import type { Seen, Status } from './report.ts'

/** What `rumen status --json` prints: the checks as health has them, and everything that was seen, null where nothing was. */
export function statusInJson({ status, checks, seen }: Status) {
  return {
    status,
    version: packageJson.version,
    checks: Object.fromEntries(Object.entries(checks).map(([name, check]) => [name, checkInJson(check)])),
    database_version: seen?.databaseVersion ?? null,
    processes: seen?.processes.map(processInJson) ?? null,
    queue: seen && { ...queueInJson(seen.queue), queues: seen.queues.map(queueStateInJson) },
    rates: seen && { accepted_per_second: seen.acceptedPerSecond, digested_per_second: seen.digestedPerSecond },
    visible: seen && { median_ms: seen.visibleMedianMs, slow_ms: seen.visibleSlowMs },
  }
}

function queueStateInJson({ name, waiting, active, oldestSeconds }: Seen['queues'][number]) {
  return { name, waiting, active, oldest_seconds: oldestSeconds }
}

function processInJson(process: Seen['processes'][number]) {
  return {
    name: nameOf(process),
    role: process.role,
    host: process.host,
    pid: process.pid,
    version: process.version,
    state: process.health,
    started_at: process.startedAt.toISOString(),
    silent_seconds: process.silentSeconds,
    busy_seconds: process.busySeconds,
    handled: process.role === 'gateway' ? process.accepted : process.digested,
    per_second: process.perSecond,
    visible_median_ms: process.visibleMedianMs,
    visible_slow_ms: process.visibleSlowMs,
    spool: process.spool && {
      records: process.spool.records,
      bytes: process.spool.bytes,
      bytes_max: process.spool.bytesMax,
      kept_aside_bytes: process.spool.keptAsideBytes,
    },
  }
}
