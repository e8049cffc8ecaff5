import { parseRules, type Rules } from './rules/parse-rules.ts'
import { RulesError } from './rules/rules-error.ts'

/** Every rule set an event can be grouped by, oldest first; a project keeps the one it started with. */
export const MECHANISMS = ['v1'] as const
export type Mechanism = (typeof MECHANISMS)[number]

/** What decides within a mechanism: where it broke, or (Rustrak's and Bugsink's way) in which transaction. */
export const STRATEGIES = ['stack', 'transaction'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** How the events of a project are grouped. */
export interface GroupingConfig {
  mechanism: Mechanism
  strategy: Strategy
  /** The project's own, which come before the mechanism. */
  rules: Rules
}

/** A configuration as it was written; `null` for one this version does not understand: a newer one has made it. */
export function readConfig(stored: { mechanism: string; strategy: string; rules: string }): GroupingConfig | null {
  const mechanism = MECHANISMS.find((known) => known === stored.mechanism)
  const strategy = STRATEGIES.find((known) => known === stored.strategy)
  if (mechanism === undefined || strategy === undefined) return null
  try {
    return { mechanism, strategy, rules: parseRules(stored.rules) }
  } catch (error) {
    if (error instanceof RulesError) return null
    throw error
  }
}
