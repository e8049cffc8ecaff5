import type { DiskForecast } from './forecast-disk.ts'

/** The forecast as an operator reads it: `full on 2027-01-14; RETENTION_DAYS=30 frees 12.3 GB`. */
export function forecastInWords({ fullOn, freeBytes, advice }: DiskForecast): string {
  if (freeBytes === null) return 'how much space is left is not known: DATABASE_DISK_BYTES says how large the disk is'
  if (fullOn === null) return 'not full with this retention'
  if (advice === null) return `full on ${fullOn}; no retention keeps it from that: the disk must be larger`
  const setting = advice.settings.map((name) => `${name}=${advice.retentionDays}`).join(' ')
  const gain = advice.freesBytes > 0 ? `frees ${inWords(advice.freesBytes)}` : 'keeps it from that'
  return `full on ${fullOn}; ${setting} ${gain}`
}

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** Thousands, as disks are sold in: `12.3 GB`. */
function inWords(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, bytes)) / 3)))
  const value = bytes / 1000 ** power
  return `${power === 0 ? value : value.toFixed(1)} ${UNITS[power]}`
}
