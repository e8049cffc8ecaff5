import { formatColumns } from './format-table.ts'
import { formatValue, type Row } from './row.ts'

const HEAD = ['what', 'A', 'B', 'B / A']
const RIGHT = new Set([1, 2, 3])

/** Rows of two runs side by side, and what only one of them has. Figures of two machines, or of two hours, say little together. */
export function compareRows(one: readonly Row[], other: readonly Row[]): string {
  const [before, after] = [byName(one), byName(other)]
  const names = [...new Set([...before.keys(), ...after.keys()])]
  const lines = names.map((what) => {
    const [a, b] = [before.get(what), after.get(what)]
    const cell = (row: Row | undefined) => (row ? formatValue(row.value, row.unit) : '')
    return [what, cell(a), cell(b), ratioOf(a?.value, b?.value)]
  })
  return formatColumns(HEAD, lines, RIGHT)
}

/** Rows that explain another are called the same below each: they belong to the last one that is not indented. */
function byName(rows: readonly Row[]): ReadonlyMap<string, Row> {
  let owner = ''
  return new Map(
    rows.map((row) => {
      if (!row.what.startsWith(' ')) owner = row.what
      return [row.what.startsWith(' ') ? `${owner}:${row.what}` : row.what, row]
    }),
  )
}

function ratioOf(before: number | null | undefined, after: number | null | undefined): string {
  return before && after !== null && after !== undefined ? (after / before).toFixed(2) : ''
}
