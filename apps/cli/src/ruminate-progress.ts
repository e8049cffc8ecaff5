import type { Progress } from './ruminate-count.ts'

/** Between two looks of a person. */
const PAUSE_MS = 200

/** Writes how far it has come over the last line of a terminal; to anything else it writes nothing. `end` clears the line. */
export function showProgress(stream: NodeJS.WriteStream = process.stderr) {
  let shownAt = 0
  return {
    show({ day, dayNumber, days, events }: Progress, verb: string): void {
      if (!stream.isTTY || Date.now() - shownAt < PAUSE_MS) return
      shownAt = Date.now()
      stream.write(`\r\u001b[K${verb}: ${day}, day ${dayNumber} of ${days}, ${events} events`)
    },
    end(): void {
      if (stream.isTTY && shownAt > 0) stream.write('\r\u001b[K')
    },
  }
}
