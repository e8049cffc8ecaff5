import type { Event } from '@rumen/protocol/event'
import { crashFunction } from './crash-function.ts'
import { firstLine, firstTwoLines, parameteriser, SENTRY_PATTERNS } from './parameters.ts'

/** Patterns Sentry has and Bugsink leaves out. */
const LEFT_OUT = new Set(['traceparent', 'swift_txn_id', 'git_sha'])
const parameterise = parameteriser(SENTRY_PATTERNS.filter(([name]) => !LEFT_OUT.has(name)))
const TYPE_CHARS_MAX = 128
const VALUE_CHARS_MAX = 1024

/**
 * Bugsink's mechanism `bugsink-v2`, its newest: type and first line of the last exception, varying parts replaced; the
 * transaction counts no more, the stack never did. Source: bugsink/bugsink, `issues/grouping_mechanisms/v2.py` at
 * 02c03f4, `issues/utils.py` at 0902659, pull request 448 (July 2026, after 2.4.0). `bugsink-v1` is our `transaction`.
 */
export function groupLikeBugsink(event: Event): string {
  const byDefault = groupByTitle(event)
  if (event.fingerprint.length === 0) return byDefault
  return event.fingerprint.map((part) => (part === '{{ default }}' ? byDefault : part)).join(' ⋄ ')
}

function groupByTitle(event: Event): string {
  const { type, value } = typeAndValue(event)
  const line = firstLine(parameterise(firstTwoLines(value)))
  return value === '' ? type : `${type}: ${line}`
}

function typeAndValue(event: Event): { type: string; value: string } {
  const exception = event.exceptions.at(-1)
  if (exception === undefined) {
    const text = (event.message?.template ?? event.message?.formatted ?? '').trim()
    return { type: 'Log Message', value: firstLine(text).slice(0, VALUE_CHARS_MAX) || '<no log message>' }
  }
  if (exception.mechanism?.synthetic) return { type: crashFunction(event) ?? '<unknown>', value: '' }
  return { type: trim(exception.type ?? 'Error', TYPE_CHARS_MAX), value: trim(exception.value ?? '', VALUE_CHARS_MAX) }
}

function trim(text: string, charsMax: number): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 3)}...`
}
