import { formatValue, type Goal, type Row, verdictOf } from './row.ts'

const HEAD = ['what', 'measured', 'budget', 'stretch', 'verdict', 'note']
/** Figures are read from their last digit, words from their first letter. */
const RIGHT = new Set([1, 2, 3])

/** The rows as an aligned table, one line each. */
export function formatTable(rows: readonly Row[]): string {
  return formatColumns(HEAD, rows.map(cellsOf), RIGHT)
}

/** Lines of cells under a head; the columns named in `right` end, all others begin, one below the other. */
export function formatColumns(
  head: readonly string[],
  body: readonly (readonly string[])[],
  right: ReadonlySet<number>,
): string {
  const cells = [head, ...body]
  const widths = head.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0
        return right.has(column) ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('  ')
      .trimEnd(),
  )
  const rule = widths.map((width) => '-'.repeat(width)).join('  ')
  return [lines[0], rule, ...lines.slice(1)].join('\n')
}

function cellsOf(row: Row): string[] {
  const { what, value, unit, goal, note = '' } = row
  const mark = (of: number | undefined) => (goal && of !== undefined ? `${signOf(goal)} ${formatValue(of, unit)}` : '')
  return [what, formatValue(value, unit), mark(goal?.budget), mark(goal?.stretch), verdictOf(row), note]
}

function signOf({ sense }: Goal): string {
  return sense === 'least' ? '≥' : '≤'
}
