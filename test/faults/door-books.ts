import type { Sql } from 'postgres'

/** The door's side of the ledger, of all projects and hours together: what gateways say of the requests they had. */
export interface DoorBooks {
  /** Answered 2xx. */
  accepted: number
  /** Still in a spool. */
  spooledStill: number
  archived: number
  seenAgain: number
  discarded: number
  keptAside: number
  /** Of the accepted, those that went through a spool. */
  spooled: number
  refused: number
}

/** Reads what the gateways have flushed so far; the equations are those of the gateway's `door-outcome.ts`. */
export async function readDoorBooks(sql: Sql): Promise<DoorBooks> {
  const rows = await sql<{ outcome: string; reason: string; quantity: number }[]>`
    SELECT outcome, reason, sum(quantity)::int AS quantity FROM outcome_hour WHERE item_type = 'request' GROUP BY 1, 2`
  const sum = (outcome: string, reason?: string) =>
    rows
      .filter((row) => row.outcome === outcome && (reason === undefined || row.reason === reason))
      .reduce((total, { quantity }) => total + quantity, 0)
  const spooled = sum('spooled')
  const [discarded, keptAside] = [sum('discarded'), sum('kept_aside')]
  return {
    accepted: sum('archived', '') + sum('seen_again', '') + spooled,
    spooledStill: spooled - sum('archived', 'spool') - sum('seen_again', 'spool') - discarded - keptAside,
    archived: sum('archived'),
    seenAgain: sum('seen_again'),
    discarded,
    keptAside,
    spooled,
    refused: REFUSALS.reduce((total, outcome) => total + sum(outcome), 0),
  }
}

const REFUSALS = ['rate_limited', 'too_large', 'malformed', 'unauthorized', 'timed_out', 'not_kept'] as const

/** The books of a door that accepted so many events, `spooled` of them while the database was away, and refused none. */
export function balancedDoor(accepted: number, spooled: number): DoorBooks {
  return {
    accepted,
    spooledStill: 0,
    archived: accepted,
    seenAgain: 0,
    discarded: 0,
    keptAside: 0,
    spooled,
    refused: 0,
  }
}
