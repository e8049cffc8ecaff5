import type { GroupingDescription } from '@rumen/db/grouping-config/describe-grouping'
import { type GroupingConfig, readConfig } from '@rumen/grouping/config'
import { applyRules } from '@rumen/grouping/rules/apply-rules'
import { describe } from '@rumen/grouping/title'
import type { Event } from '@rumen/protocol/event'

/** Of a project's former rules, as many as give titles and are the newest. */
const RULES_MAX = 10

export type FormerRules = readonly GroupingConfig['rules'][]

/** Rules the project had, which may have given its issues titles; `rules` are those it is to have. */
export function formerRulesOf({ versions }: GroupingDescription, rules: string): FormerRules {
  const titling = versions.filter((one) => one.rules !== rules && one.rules.includes('title'))
  const byText = new Map(titling.map((one) => [one.rules, one]))
  return [...byText.values()].slice(-RULES_MAX).flatMap((one) => readConfig(one)?.rules ?? [])
}

/** What those called an event, as far as it is not its own title. */
export function formerTitlesOf(event: Event, former: FormerRules): readonly string[] {
  const own = describe(event).title
  return former
    .map((rules) => describe(event, applyRules(rules, event).title?.template ?? null).title)
    .filter((title) => title !== own)
}
