import * as v from 'valibot'

const response = v.object({ affected: v.pipe(v.number(), v.integer()) })

/** How many jobs a call of pg-boss was about. It answers that but does not declare it: checked, for much hangs on it. */
export function affectedBy(answer: unknown): number {
  return v.parse(response, answer).affected
}
