/** What ends a line in any of the languages that report here. */
const LINE = /[^\n\v\f\r\u0085\u2028\u2029]+/g

/** The first lines of a text that are not blank, each trimmed. */
export function firstLines(text: string, linesMax: number): string[] {
  const lines: string[] = []
  for (const [line] of text.matchAll(LINE)) {
    const trimmed = line.trim()
    if (trimmed !== '') lines.push(trimmed)
    if (lines.length === linesMax) break
  }
  return lines
}
