import type { Event } from '@rumen/protocol/event'
import type { V1Component } from './component.ts'
import { findCrashFrame } from './crash-frame.ts'
import { firstLines } from './lines.ts'
import { readLogMessage } from './log-message.ts'

/** Lengths at which Bugsink cuts before it builds the key (code points, its `...` included). */
const TYPE_CHARS_MAX = 128
const VALUE_CHARS_MAX = 1024

/**
 * Strategy `transaction`: `type: first line ⋄ transaction`, character for character the key of Bugsink's first
 * mechanism and of Rustrak up to 0.14, so that issues brought from there keep their groups. Nothing is replaced.
 */
export function groupByTransaction(event: Event): V1Component[] {
  const { transaction } = event
  const reason = 'the strategy is `transaction`'
  return [
    describe(event),
    { kind: 'transaction', source: transaction ?? '', text: transaction ?? '<no transaction>', reason },
  ]
}

function describe(event: Event): V1Component {
  const log = readLogMessage(event)
  if (log !== null) {
    const said = log.template ?? log.text
    return { kind: 'message', source: said, text: entitle('Log Message', said), reason: 'a log message' }
  }
  const exception = event.exceptions.at(-1)
  if (exception === undefined) return UNKNOWN
  if (exception.mechanism?.synthetic) {
    const frame = findCrashFrame(event)
    if (frame === null || frame.function === null) return UNKNOWN
    return { kind: 'frame', source: frame, text: frame.function, reason: 'the exception is the SDK’s invention' }
  }
  const type = cut(exception.type ?? 'Error', TYPE_CHARS_MAX)
  const value = exception.value ?? ''
  return { kind: 'message', source: value, text: entitle(type, value), reason: 'type and first line of the exception' }
}

const UNKNOWN: V1Component = { kind: 'unknown', source: '', text: '<unknown>', reason: 'the event says nothing' }

function entitle(type: string, value: string): string {
  const [line] = firstLines(cut(value, VALUE_CHARS_MAX), 1)
  return line === undefined ? type : `${type}: ${line}`
}

function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  const chars = Array.from(text.slice(0, 2 * (charsMax + 1)))
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 3).join('')}...`
}
