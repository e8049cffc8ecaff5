/** Rust appends a hash of its build. */
export function withoutRustHash(name: string): string {
  return name.replace(/::h[0-9a-f]{16}$/, '')
}
