/** A text up to the first mark in it, all of it where there is none. */
export function before(text: string, mark: string): string {
  const at = text.indexOf(mark)
  return at === -1 ? text : text.slice(0, at)
}
