import type { Event, Exception } from '@rumen/protocol/event'
import { familyOf } from './family.ts'

export interface LogMessage {
  /** The text before its parameters were filled in, where that is another text. */
  template: string | null
  text: string
}

/**
 * What an event says when it is a log message and no failure, else `null`. JavaScript SDKs hang the stack of
 * `captureMessage` on an exception without a type: it tells where somebody logged, the text tells what happened.
 */
export function readLogMessage(event: Event): LogMessage | null {
  const { message, exceptions } = event
  const template = message?.template?.trim() ?? ''
  const formatted = message?.formatted.trim() ?? ''
  if (!exceptions.every((exception) => exception.type === null || isEcho(exception, formatted, event))) return null
  if (formatted !== '')
    return { template: template === '' || template === formatted ? null : template, text: formatted }
  if (template !== '') return { template: null, text: template }
  const attached = exceptions.findLast(({ mechanism, value }) => mechanism?.synthetic === true && value?.trim())
  return attached?.value ? { template: null, text: attached.value } : null
}

/** Such an exception's value `Cart: not saved` is taken apart on the way in, as if `Cart` were a type. */
function isEcho({ type, value, mechanism }: Exception, message: string, { platform }: Event): boolean {
  if (familyOf(platform) !== 'javascript' || (mechanism !== null && !mechanism.synthetic)) return false
  const start = `${type}:`
  return message.startsWith(start) && message.slice(start.length).trim() === (value ?? '').trim()
}
