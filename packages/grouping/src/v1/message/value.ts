/** A variable part found in a text: where it ends, and what it is. */
export interface Value {
  end: number
  kind: 'num' | 'hex' | 'id' | 'uuid' | 'date' | 'ip' | 'mac' | 'url' | 'email' | 'jwt' | 'quoted' | 'object'
}

/** Where a sticky expression that starts at `at` ends, or -1. */
export function matchAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : -1
}
