/**
 * What becomes of a request at the door. Answered 200 are `archived`, `seen_again` (the same bytes the same day) and
 * `spooled`; what follows `kept_aside` is refused. A spooled request is counted a second time when it is drained: as
 * `archived` or `seen_again` with the reason `spool`, as `discarded` when its key turns out to open nothing, as
 * `kept_aside` when the database refuses it.
 *
 * So for a load that has ended, with the records that wait in the spools counted on disk:
 *
 *     answered 200           = archived + seen_again + discarded + kept_aside + records in the spools
 *
 * and from the table alone, where nothing is ever subtracted:
 *
 *     answered 200           = archived[''] + seen_again[''] + spooled
 *     records in the spools  = spooled − archived['spool'] − seen_again['spool'] − discarded − kept_aside
 *
 * The first holds although a gateway is killed while the database is away and takes its uncounted `spooled` along. Moving
 * a count from `spooled` to `archived` was rejected for that: whoever drained would have taken the sum below zero.
 */
export const OUTCOMES = [
  'archived',
  'seen_again',
  'spooled',
  'discarded',
  'kept_aside',
  'rate_limited',
  'too_large',
  'malformed',
  'unauthorized',
  'timed_out',
  'not_kept',
] as const
export type OutcomeName = (typeof OUTCOMES)[number]

export interface DoorOutcome {
  outcome: OutcomeName
  /** A code of a closed set that says why where the outcome does not say it all, never a sentence; else ''. */
  reason: string
}
