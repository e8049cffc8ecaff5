/** A line of a file, without its end; null where it is longer than any line may be. */
export interface FileLine {
  /** Counted from 1. */
  number: number
  bytes: Buffer | null
}

const LF = 0x0a
const CR = 0x0d

/** Lines of at most `bytesMax` bytes, and no more of a longer one in memory than that. Empty ones are passed over, but counted. */
export async function* readLines(chunks: AsyncIterable<Buffer>, bytesMax: number): AsyncGenerator<FileLine, void> {
  let [number, length] = [1, 0]
  let parts: Buffer[] = []

  function add(bytes: Buffer): void {
    length += bytes.length
    if (length <= bytesMax) parts.push(bytes)
    else parts = []
  }

  function end(): FileLine | null {
    const bytes = length > bytesMax ? null : trimmed(parts)
    const line = bytes?.length === 0 ? null : { number, bytes }
    number += 1
    length = 0
    parts = []
    return line
  }

  for await (const chunk of chunks) {
    let from = 0
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
      add(chunk.subarray(from, at))
      const line = end()
      if (line !== null) yield line
      from = at + 1
    }
    if (from < chunk.length) add(chunk.subarray(from))
  }
  const last = length > 0 ? end() : null
  if (last !== null) yield last
}

function trimmed(parts: readonly Buffer[]): Buffer {
  const [only, ...others] = parts
  const line = only !== undefined && others.length === 0 ? only : Buffer.concat(parts)
  return line.at(-1) === CR ? line.subarray(0, -1) : line
}
