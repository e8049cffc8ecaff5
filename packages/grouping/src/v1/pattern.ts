/** The words of a list that is written as one text. */
export function words(list: string): readonly string[] {
  return list.trim().split(/\s+/)
}

/** Several patterns as one group, for an expression that is put together once, when its file is loaded. */
export function either(patterns: readonly RegExp[]): string {
  return `(?:${patterns.map(({ source }) => source).join('|')})`
}

/** Several names as one group; what means something in an expression stands for itself. */
export function eitherName(names: readonly string[]): string {
  return `(?:${names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|')})`
}
