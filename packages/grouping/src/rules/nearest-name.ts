/** Single-character edits at most between a typing error and what was meant. */
const EDITS_MAX = 2

/**
 * The name somebody most likely meant by `given`: two edits away at most (one for short words), or what a longer name
 * ends in, as Sentry's `error.type` does; `null` where none is close.
 */
export function findNearestName(given: string, names: readonly string[]): string | null {
  const word = given.toLowerCase()
  const editsMax = word.length <= 3 ? 1 : EDITS_MAX
  let nearest: string | null = null
  let fewest = editsMax + 1
  for (const name of names) {
    if (Math.abs(name.length - word.length) > editsMax) continue
    const edits = countEdits(word, name)
    if (edits < fewest) [nearest, fewest] = [name, edits]
  }
  return nearest ?? names.find((name) => word.endsWith(`.${name}`) || word.endsWith(`_${name}`)) ?? null
}

/** Levenshtein's distance; names are short, so a row of numbers for each letter is cheap. */
function countEdits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < to.length; j++) {
      const replaced = (row[j] ?? 0) + (from[i] === to[j] ? 0 : 1)
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}
