import type { SeenProcess } from '@rumen/db/process/read-processes'
import { type Check, well } from './check.ts'
import { bytesInWords, countInWords } from './in-words.ts'
import { nameOf } from './judge-processes.ts'

export interface SpoolFill {
  records: number
  bytes: number
  bytesMax: number
  keptAsideBytes: number
}

/** One gateway's spool. What waits in it is nothing bad by itself: it says that the database is away, or was. */
export function judgeSpool({ records, bytes, bytesMax, keptAsideBytes }: SpoolFill, hasRoom = bytes < bytesMax): Check {
  const figures = { records, bytes, bytes_max: bytesMax, kept_aside_bytes: keptAsideBytes }
  if (!hasRoom) {
    const message = `the spool takes nothing more (${bytesInWords(bytes)} of ${bytesInWords(bytesMax)})`
    const advice = 'bring the database back, or give the spool room: SPOOL_MAX_BYTES and the disk of SPOOL_DIR'
    return { status: 'failing', message, advice, figures }
  }
  if (records > 0) {
    const message = `${countInWords(records, 'request')} wait in the spool for the database`
    return { status: 'degraded', message, advice: 'they are taken over by themselves once it is there', figures }
  }
  if (keptAsideBytes > 0) {
    const message = `${bytesInWords(keptAsideBytes)} of the spool could not be taken over`
    return { status: 'degraded', message, advice: 'look at the .damaged file in SPOOL_DIR, then remove it', figures }
  }
  return well(figures)
}

/** The spools of all gateways, as they last told of them. */
export function judgeSpools(processes: readonly SeenProcess[]): Check {
  const checks = processes.flatMap((process) =>
    process.spool ? [{ name: nameOf(process), check: judgeSpool(process.spool) }] : [],
  )
  const total = (key: keyof SpoolFill) => processes.reduce((sum, { spool }) => sum + (spool?.[key] ?? 0), 0)
  const figures = { records: total('records'), bytes: total('bytes'), kept_aside_bytes: total('keptAsideBytes') }
  if (checks.length === 0) return { status: 'off', message: null, advice: null, figures: {} }
  const worst =
    checks.find(({ check }) => check.status === 'failing') ?? checks.find(({ check }) => check.status !== 'ok')
  if (!worst) return well(figures)
  return { ...worst.check, message: `of gateway ${worst.name}: ${worst.check.message}`, figures }
}
