import type { OwnFrame } from './own-frame.ts'

/** Fewer times in a stack, and a function did not call itself over and over. */
const ROUNDS_MIN = 3

/**
 * The functions that called each other over and over, in an order that does not depend on where the stack was cut; empty where
 * none did. What stands in the stack less than a third as often as the most frequent one only led to the round.
 */
export function findRecursion(own: readonly OwnFrame[]): readonly OwnFrame[] {
  const named = own.filter(({ name }) => name !== null)
  const counts = new Map<string, number>()
  for (const { text } of named) counts.set(text, (counts.get(text) ?? 0) + 1)
  const most = Math.max(0, ...counts.values())
  if (most < ROUNDS_MIN) return []
  const round = new Map<string, OwnFrame>()
  for (const frame of named) if ((counts.get(frame.text) ?? 0) * 3 >= most) round.set(frame.text, frame)
  return [...round.values()].sort((one, other) => (one.text < other.text ? -1 : 1))
}
