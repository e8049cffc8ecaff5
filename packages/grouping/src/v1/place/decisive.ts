import type { Event } from '@rumen/protocol/event'
import { type Chain, framesOf } from '../exception/chain.ts'
import { failureKindOf } from '../exception/failure-kind.ts'
import { familyOf } from '../family.ts'
import { findPlaces, type Places } from './places.ts'
import { isMixed } from './race.ts'

function isTold({ components }: Places): boolean {
  return components.some(({ text }) => text !== null)
}

/** The places of the exception nearest to the cause that knows one; else what is known of any. */
export function findDecisive(event: Event, chain: Chain): Places {
  const { causes, groups, root } = chain
  const family = familyOf(event.platform)
  const kind = failureKindOf(root)
  // Several bugs at once belong to who started them together.
  const holders = isMixed(chain, family) ? [...groups, ...causes] : [...causes, ...groups]
  let best: Places = { isKnown: false, components: [] }
  for (const holder of [...holders, event]) {
    const places = findPlaces(framesOf(holder), family, kind)
    if (places.isKnown) return places
    if (best.components.length === 0 || (!isTold(best) && isTold(places))) best = places
  }
  return best
}
