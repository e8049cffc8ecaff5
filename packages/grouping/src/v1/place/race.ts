import type { Exception } from '@rumen/protocol/event'
import { type Chain, framesOf } from '../exception/chain.ts'
import type { Family } from '../family.ts'
import { parameterise } from '../message/parameterise.ts'
import { findPlaces } from './places.ts'

/** Whether a group holds different exceptions, by type and place: then none of them is the cause of it. */
export function isMixed({ causes, groups }: Chain, family: Family): boolean {
  return groups.length > 0 && new Set(causes.map((cause) => identify(cause, family))).size > 1
}

/** A chain whose exceptions of a group stand in an order that does not depend on which of them failed first. */
export function withoutRace(chain: Chain, family: Family): Chain {
  const { causes, groups } = chain
  if (groups.length === 0) return chain
  const members = Array.from(Map.groupBy(causes, (cause) => memberOf(cause, chain)).values(), (held) => ({
    held,
    identity: held.map((one) => `${identify(one, family)} ${parameterise(one.value ?? '')}`).join('\n'),
  }))
  const sorted = members.sort((one, other) => (one.identity < other.identity ? -1 : 1)).flatMap(({ held }) => held)
  return { causes: sorted, groups, root: sorted[0] ?? chain.root }
}

/** The exception of a group that another one led to: itself, where nothing tells. */
function memberOf(cause: Exception, { causes, groups }: Chain): Exception {
  let member = cause
  // A chain is as long as there are exceptions, also where ids are wrong and go round in a circle.
  for (let step = 0; step < causes.length; step++) {
    const parentId = member.mechanism?.parentId ?? null
    const parent = causes.find(({ mechanism }) => parentId !== null && mechanism?.exceptionId === parentId)
    if (parent === undefined || groups.includes(parent)) return member
    member = parent
  }
  return member
}

function identify(exception: Exception, family: Family): string {
  const { components } = findPlaces(framesOf(exception), family, 'other')
  return [exception.type, ...components.map(({ text }) => text)].join(' ')
}
