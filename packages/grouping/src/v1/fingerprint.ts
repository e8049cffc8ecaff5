import type { Event } from '@rumen/protocol/event'
import type { V1Component } from './component.ts'
import { findCrashFrame } from './crash-frame.ts'

/** A whole part such as `{{ default }}`, `{{default}}` or `{{ Tags.server }}`; text around it makes it plain text. */
const VARIABLE = /^\s*\{\{\s*([\w.:-]+)\s*\}\}\s*$/

/**
 * The SDK's fingerprint with its variables filled in, `{{ default }}` by what `compute` returns; `null` when there
 * is none. Blank parts count as absent: a fingerprint of `['']` must not merge a whole project.
 */
export function readFingerprint(event: Event, compute: () => V1Component[]): V1Component[] | null {
  const given = event.fingerprint.filter((part) => part.trim() !== '')
  if (given.length === 0) return null
  return given.flatMap((part) => {
    const variable = VARIABLE.exec(part)?.[1]
    if (variable?.toLowerCase() === 'default') return compute()
    const text = variable === undefined ? undefined : fill(variable, event)
    const reason = text === undefined ? 'the fingerprint has it' : 'the fingerprint asks for it'
    return [{ kind: 'fingerprint', source: part, text: text ?? part, reason }]
  })
}

/** A text in which variables stand among other words, filled in; what is no variable stays as it is. */
export function fillTemplate(template: string, event: Event): string {
  return template.replace(/\{\{\s*([\w.:-]{1,200})\s*\}\}/g, (all, variable) => fill(variable, event) ?? all)
}

/** Names and their stand-ins are Sentry's, so that a fingerprint written for it means the same here. */
function fill(variable: string, event: Event): string | undefined {
  const exception = event.exceptions.at(-1)
  const frame = findCrashFrame(event)
  switch (variable.toLowerCase()) {
    case 'type':
    case 'error.type':
      return exception?.type || '<no-type>'
    case 'value':
    case 'error.value':
      return exception?.value || '<no-value>'
    case 'message':
      return event.message?.formatted || event.message?.template || exception?.value || '<no-message>'
    case 'transaction':
      return event.transaction || '<no-transaction>'
    case 'level':
      return event.level
    case 'logger':
      return event.logger || '<no-logger>'
    case 'function':
    case 'stack.function':
      return frame?.function || '<no-function>'
    case 'module':
    case 'stack.module':
      return frame?.module || '<no-module>'
    case 'path':
    case 'stack.abs_path':
      return frame?.absPath || frame?.filename || '<no-abs-path>'
    case 'stack.filename':
      return frame?.filename || frame?.absPath || '<no-filename>'
    case 'package':
    case 'stack.package':
      return frame?.package?.split(/[/\\]/).at(-1) || '<no-package>'
    default:
      return fillTag(variable, event)
  }
}

function fillTag(variable: string, event: Event): string | undefined {
  if (!variable.toLowerCase().startsWith('tags.')) return undefined
  const key = variable.slice('tags.'.length)
  return event.tags.find((tag) => tag.key === key)?.value || `<no-value-for-tag-${key}>`
}
