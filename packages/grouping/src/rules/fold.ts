/**
 * The lower case in which patterns and values are compared where case does not count. A final sigma becomes a plain
 * one: a pattern ends where the value goes on, so the two would spell the same letter differently.
 */
export function fold(text: string): string {
  const lower = text.toLowerCase()
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower
}
