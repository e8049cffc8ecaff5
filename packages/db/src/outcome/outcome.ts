/** What becomes of an item: decoded = stored + duplicate + filtered + unsupported + rejected. */
export const OUTCOMES = ['stored', 'duplicate', 'filtered', 'unsupported', 'rejected'] as const
export type Outcome = (typeof OUTCOMES)[number]
