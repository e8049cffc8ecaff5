import type { Sql } from 'postgres'

/** What stands in the page for the day on which the answers were written. */
const PAGE_TODAY = '2026-11-27'
const DAY_MS = 24 * 60 * 60 * 1000

/**
 * The answer to a question as psql prints it. `today` is the UTC day the data were written for: all days in the answer are moved so
 * that it is the one of the page.
 */
export async function ask(sql: Sql, question: string, today: string): Promise<string> {
  // As text, so that numbers and intervals look as PostgreSQL writes them.
  const result = await sql.unsafe(question).raw()
  const head = result.columns.map(({ name }) => name)
  const body = result.map((row) => row.map((cell) => (cell === null ? '' : moveDays(cell.toString(), today))))
  const widths = head.map((name, at) => Math.max(name.length, ...body.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    ` ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')}`.trimEnd()
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+')
  return [line(head), rule, ...body.map(line)].join('\n')
}

function moveDays(text: string, today: string): string {
  const shift = Date.parse(PAGE_TODAY) - Date.parse(today)
  return text.replace(/\d{4}-\d\d-\d\d/g, (day) => new Date(Date.parse(day) + shift).toISOString().slice(0, 10))
}

/** Midnight of a day so many days before another. */
export function daysBefore(today: string, days: number): string {
  return new Date(Date.parse(today) - days * DAY_MS).toISOString().slice(0, 10)
}
