/** Between two looks of a person. */
const PAUSE_MS = 200
const WIDTH = 24

export interface ProgressBar {
  /** `fraction` from 0 to 1; null where nobody knows the whole. */
  show(fraction: number | null, text: string): void
  /** Takes it away again. */
  end(): void
}

type Terminal = Pick<NodeJS.WriteStream, 'isTTY' | 'columns'> & { write(text: string): unknown }

/** A bar over the last line of a terminal; to anything else nothing is written. */
export function progressBar(stream: Terminal = process.stderr): ProgressBar {
  let shownAt = 0
  return {
    show(fraction, text) {
      if (!stream.isTTY || Date.now() - shownAt < PAUSE_MS) return
      shownAt = Date.now()
      const line = fraction === null ? text : `${bar(fraction)} ${text}`
      stream.write(`\r\u001b[K${line.slice(0, (stream.columns ?? 80) - 1)}`)
    },
    end() {
      if (stream.isTTY && shownAt > 0) stream.write('\r\u001b[K')
    },
  }
}

function bar(fraction: number): string {
  const done = Math.floor(Math.min(1, fraction) * WIDTH)
  return `[${'#'.repeat(done)}${'-'.repeat(WIDTH - done)}] ${String(Math.floor(fraction * 100)).padStart(3)} %`
}
