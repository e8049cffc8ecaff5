import type { TextLimit } from '../limits.ts'
import { META_NODES_MAX } from '../limits.ts'
import { maskText } from '../mask.ts'
import { cleanText } from '../text.ts'

/** What was done to a value, as Relay writes it: `s` put something else in its place (from, to), `x` removed it. */
export type Remark = readonly ['!limit', 's', number, number] | readonly ['!limit', 'x']

/** One value that was cut: where it stands in the payload, how long it was (characters, elements), and what was done. */
export interface Cut {
  readonly path: readonly string[]
  readonly length: number
  readonly remark: Remark
}

/** Where in the payload a reader stands, and what was cut so far: a list that all of one event share and add to. */
export interface Trail {
  readonly path: readonly string[]
  readonly cuts: Cut[]
}

export function below({ path, cuts }: Trail, ...keys: readonly (string | number)[]): Trail {
  return { path: [...path, ...keys.map(String)], cuts }
}

/** Notes that a list or an object has lost elements. */
export function noteDropped(trail: Trail, length: number): void {
  note(trail, length, ['!limit', 'x'])
}

/** A non-empty string, masked, then cut, which is noted; `null` for any other value. */
export function readNotedText(trail: Trail, value: unknown, limit: TextLimit): string | null {
  return typeof value === 'string' && value !== '' ? noteText(trail, value, limit) : null
}

/** `readNotedText` for what is a string already. */
export function noteText(trail: Trail, value: string, limit: TextLimit): string {
  const head = value.slice(0, 4 * (limit.charsMax + limit.allowance)) // more than is kept, less than a megabyte
  const masked = maskText(head)
  const text = cleanText(masked, limit)
  const isCut = text.length < masked.length || head.length < value.length
  if (isCut) note(trail, charsOf(value), ['!limit', 's', limit.charsMax - 3, limit.charsMax])
  return text
}

function note({ path, cuts }: Trail, length: number, remark: Remark): void {
  if (cuts.length < META_NODES_MAX) cuts.push({ path, length, remark })
}

function charsOf(text: string): number {
  let chars = 0
  for (const _ of text) chars++
  return chars
}
