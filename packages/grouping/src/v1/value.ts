/** A variable part found in a text: where it ends, and what stands for it in a key. */
export interface Value {
  end: number
  name: 'num' | 'hex' | 'id' | 'uuid' | 'date' | 'ip' | 'mac' | 'url' | 'email' | 'jwt' | 'quoted'
}

/** Where a sticky expression that starts at `at` ends, or -1. */
export function matchAt(expression: RegExp, text: string, at: number): number {
  expression.lastIndex = at
  return expression.test(text) ? expression.lastIndex : -1
}
