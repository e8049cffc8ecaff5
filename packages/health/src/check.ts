/**
 * `failing` wants somebody now; `degraded` passes, or gets worse. `unknown` could not be looked at, and is never well; `off`
 * is nobody's wish.
 */
export type CheckStatus = 'ok' | 'degraded' | 'failing' | 'unknown' | 'off'

/** One thing that can be wrong with Rumen. */
export interface Check {
  status: CheckStatus
  /** What is wrong, in a sentence without its stop; null: nothing. */
  message: string | null
  /** What to do about it; null: nothing, or nobody knows. */
  advice: string | null
  /** The numbers it was judged by, and the names of those concerned, with the keys they have in JSON. */
  figures: Readonly<Record<string, unknown>>
}

export function well(figures: Check['figures'] = {}): Check {
  return { status: 'ok', message: null, advice: null, figures }
}

/** A check nobody can answer at the moment. */
export function unknown(what: string): Check {
  return { status: 'unknown', message: `${what} could not be looked at`, advice: null, figures: {} }
}

/** A check as JSON shows it: one flat object, and no words where all is well. */
export function checkInJson({
  status,
  message,
  advice,
  figures,
}: Check): { status: CheckStatus } & Record<string, unknown> {
  return { status, ...figures, ...(message !== null && { message }), ...(advice !== null && { advice }) }
}

const BADNESS = { off: 0, ok: 0, degraded: 1, unknown: 1, failing: 2 } as const satisfies Record<CheckStatus, number>

/** The worst of them: `ok` where nothing is wrong, `degraded` where something is, or could not be looked at. */
export function worstOf(checks: Iterable<Pick<Check, 'status'>>): 'ok' | 'degraded' | 'failing' {
  const worst = Math.max(0, ...[...checks].map(({ status }) => BADNESS[status]))
  return worst === 2 ? 'failing' : worst === 1 ? 'degraded' : 'ok'
}
