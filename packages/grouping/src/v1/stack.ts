import type { Event, Exception } from '@rumen/protocol/event'
import type { V1Component } from './component.ts'
import { framesOf, readChain } from './exception/chain.ts'
import { describeType } from './exception/describe-type.ts'
import { familyOf } from './family.ts'
import { readLogMessage } from './log-message.ts'
import { findDecisive } from './place/decisive.ts'
import { withoutRace } from './place/race.ts'
import { describeCodes } from './said/codes.ts'
import { describeLog } from './said/describe-log.ts'
import { describeTexts, saysSomething } from './said/describe-text.ts'
import { isPlaceless, readEngineMessage } from './said/engine-message.ts'

/** Strategy `stack`: where it broke; what was said where the place is unknown or nothing broke. */
export function groupByStack(event: Event): V1Component[] {
  const log = readLogMessage(event)
  if (log !== null) return describeLog(event, log)

  const family = familyOf(event.platform)
  const neutral = family === 'javascript' ? readNeutral(event.exceptions) : null
  if (neutral !== null && isPlaceless(neutral)) return describePlaceless(event, neutral)

  const chain = withoutRace(readChain(event), family)
  const { root } = chain
  const places = findDecisive(event, chain)
  const codes = describeCodes(event.exceptions)
  if (places.isKnown) return [...describeType(root, { isPlaced: true, neutral }), ...places.components, ...codes]

  const texts = describeTexts(event, root)
  const said = isTelling(texts) ? texts : describeType(root, { isPlaced: false, neutral })
  const known = [...said, ...places.components, ...codes]
  return isTelling(known) ? known : [...known, ...describeNothing(event)]
}

function isTelling(components: readonly V1Component[]): boolean {
  return components.some(({ text }) => text !== null)
}

/** The engine-neutral words for what a script's exception says. */
function readNeutral(exceptions: readonly Exception[]): string | null {
  const value = exceptions.findLast(saysSomething)?.value ?? null
  return value === null ? null : readEngineMessage(value.trim())
}

/** A deployment, a network or a browser broke: whichever part of the application met it, that is one issue. */
function describePlaceless({ exceptions }: Event, neutral: string): V1Component[] {
  const reason = 'no place explains it'
  const frames = exceptions.flatMap((exception) => framesOf(exception))
  return [
    { kind: 'message', source: neutral, text: neutral, reason },
    ...frames.map((source): V1Component => ({ kind: 'frame', source, text: null, reason })),
  ]
}

/** Events that say nothing at all: at least not those of different transactions together. */
function describeNothing({ transaction }: Event): V1Component[] {
  const unknown: V1Component = { kind: 'unknown', source: '', text: '<unknown>', reason: 'the event says nothing' }
  if (transaction === null) return [unknown]
  return [unknown, { kind: 'transaction', source: transaction, text: transaction, reason: 'all that is known' }]
}
