import type { Event } from '@rumen/protocol/event'
import type { V1Component } from '../component.ts'
import { framesOf } from '../exception/chain.ts'
import type { LogMessage } from '../log-message.ts'
import { parameterise } from '../message/parameterise.ts'
import { codeComponent, readCodes } from './codes.ts'
import { withoutSystemWords } from './system-words.ts'
import { readTemplate } from './template.ts'
import { tellingLines } from './told-lines.ts'

/** A log message is its template, else its text and the codes in it. */
export function describeLog({ exceptions }: Event, message: LogMessage): V1Component[] {
  const frames = exceptions
    .flatMap((exception) => framesOf(exception))
    .map((source): V1Component => ({ kind: 'frame', source, text: null, reason: 'it tells where somebody logged' }))
  return [...describeSaid(message), ...frames]
}

function describeSaid({ template, text }: LogMessage): V1Component[] {
  const read = template === null ? null : readTemplate(template)
  if (template !== null && read !== null) {
    return [entitle('template', { source: template, text: read, reason: 'the template of a log message' })]
  }
  const said = parameterise(withoutSystemWords(tellingLines(text))).trim()
  return [
    entitle('message', { source: text, text: said, reason: 'a log message without template' }),
    ...readCodes(text).map(codeComponent),
  ]
}

/** So that no message is one issue with an exception that says the same. */
function entitle(
  kind: 'template' | 'message',
  { source, text, reason }: { source: string; text: string; reason: string },
): V1Component {
  return { kind, source, text: `Log Message: ${text}`, reason }
}
