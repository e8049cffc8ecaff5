/** How far something has come. */
export interface Progress {
  /** What is done: a verb in its -ing form. */
  doing: string
  /** Of the whole, from 0 to 1; null: nobody knows. */
  done: number | null
  /** So far, of what `unit` says. */
  count: number
  unit: 'archives' | 'events'
}

export interface ProgressDisplay {
  show(progress: Progress): void
  /** A line that stays. */
  say(line: string): void
  end(): void
}

/** Between two looks of a person, and between two lines of a log. */
const TERMINAL_PAUSE_MS = 200
const LOG_PAUSE_MS = 5_000
const BAR_CHARS = 20

/** On a terminal one line that is written over; elsewhere a line every few seconds. */
export function showProgress(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = Date.now,
): ProgressDisplay {
  const pause = stream.isTTY ? TERMINAL_PAUSE_MS : LOG_PAUSE_MS
  // A log gets nothing of what is over before anybody looks.
  let shownAt = stream.isTTY ? 0 : now()
  let isShown = false
  let begun: { doing: string; at: number; done: number; count: number } | null = null
  const clear = () => {
    if (isShown && stream.isTTY) stream.write('\r\u001b[K')
    isShown = false
  }
  return {
    show(progress) {
      if (begun?.doing !== progress.doing) {
        begun = { doing: progress.doing, at: now(), done: progress.done ?? 0, count: progress.count }
      }
      if (now() - shownAt < pause) return
      shownAt = now()
      const line = progressInWords(progress, { ...begun, seconds: (shownAt - begun.at) / 1000 })
      stream.write(stream.isTTY ? `\r\u001b[K${line}` : `${line}\n`)
      isShown = true
    },
    say(line) {
      clear()
      stream.write(`${line}\n`)
    },
    end: clear,
  }
}

/** For whoever reads the result alone. */
export const NO_PROGRESS: ProgressDisplay = { show: () => undefined, say: () => undefined, end: () => undefined }

/** One line; `begun` is where it was `seconds` ago. */
function progressInWords(
  { doing, done, count, unit }: Progress,
  begun: { done: number; count: number; seconds: number },
): string {
  const rate = begun.seconds > 0 ? (count - begun.count) / begun.seconds : 0
  const counted = `${count} ${unit}, ${Math.round(rate)}/s`
  if (done === null) return `${doing}: ${counted}`
  const filled = Math.floor(done * BAR_CHARS)
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_CHARS - filled)
  const percent = `${String(Math.floor(done * 100)).padStart(3)} %`
  const gained = done - begun.done
  const left = gained > 0 ? `, ${durationInWords((begun.seconds * (1 - done)) / gained)} left` : ''
  return `${doing} [${bar}] ${percent}: ${counted}${left}`
}

function durationInWords(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  return seconds < 3600 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`
}
