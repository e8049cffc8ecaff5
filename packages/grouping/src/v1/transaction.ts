import type { Event } from '@rumen/protocol/event'
import { findCrashFrame } from './crash-frame.ts'
import { firstLines } from './lines.ts'
import { readLogMessage } from './log-message.ts'
import type { V1Part } from './part.ts'

/** Lengths at which Bugsink cuts before it builds the key (code points, its `...` included). */
const TYPE_CHARS_MAX = 128
const VALUE_CHARS_MAX = 1024

/**
 * Strategy `transaction`: `type: first line ⋄ transaction`, character for character the key of Bugsink's first
 * mechanism and of Rustrak up to 0.14, so that issues brought from there keep their groups. Nothing is replaced.
 */
export function groupByTransaction(event: Event): V1Part[] {
  return [describe(event), { kind: 'transaction', text: event.transaction ?? '<no transaction>' }]
}

function describe(event: Event): V1Part {
  const log = readLogMessage(event)
  if (log !== null) return { kind: 'message', text: entitle('Log Message', log.template ?? log.text) }
  const exception = event.exceptions.at(-1)
  if (exception === undefined) return { kind: 'unknown', text: '<unknown>' }
  if (exception.mechanism?.synthetic) {
    const name = findCrashFrame(event)?.function ?? null
    return name === null ? { kind: 'unknown', text: '<unknown>' } : { kind: 'frame', text: name }
  }
  const type = cut(exception.type ?? 'Error', TYPE_CHARS_MAX)
  return { kind: 'message', text: entitle(type, exception.value ?? '') }
}

function entitle(type: string, value: string): string {
  const [line] = firstLines(cut(value, VALUE_CHARS_MAX), 1)
  return line === undefined ? type : `${type}: ${line}`
}

function cut(text: string, charsMax: number): string {
  if (text.length <= charsMax) return text
  const chars = Array.from(text.slice(0, 2 * (charsMax + 1)))
  return chars.length <= charsMax ? text : `${chars.slice(0, charsMax - 3).join('')}...`
}
