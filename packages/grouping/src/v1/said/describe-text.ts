import type { Event, Exception } from '@rumen/protocol/event'
import type { V1Component } from '../component.ts'
import { readType } from '../exception/type-name.ts'
import { type Family, familyOf } from '../family.ts'
import { parameterise } from '../message/parameterise.ts'
import { namesConstraint } from './codes.ts'
import { readEngineMessage } from './engine-message.ts'
import { withoutSystemWords } from './system-words.ts'
import { tellingLine } from './told-lines.ts'

/** What the exception that came out says, and what its cause says, where that is something else. */
export function describeTexts({ exceptions, platform }: Event, root: Exception | null): V1Component[] {
  const outer = exceptions.findLast(saysSomething)
  // Texts about a system's own code, or a constraint, are in the language of the machine.
  if (outer === undefined || exceptions.some(({ mechanism }) => mechanism?.code != null)) return []
  if (exceptions.length === 1 && namesConstraint(outer.value ?? '')) return []
  const said = root !== null && root !== outer && saysSomething(root) ? [outer, root] : [outer]
  return said.map((exception) => describeText(exception, familyOf(platform)))
}

/** Whether there is any text at all. */
export function saysSomething({ value }: Exception): boolean {
  return value !== null && value.trim() !== ''
}

/** Old SDKs and wrappers put the type into the text of a plain error. */
const TYPE_IN_TEXT = /^([A-Z]\w{1,80}(?:Error|Exception)): /

function describeText({ type, value }: Exception, family: Family): V1Component {
  const said = tellingLine(value ?? '')
  const [prefix = '', named = type] = (type === 'Error' ? TYPE_IN_TEXT.exec(said) : null) ?? []
  const line = said.slice(prefix.length)
  const neutral = family === 'javascript' ? readEngineMessage(line) : null
  if (neutral !== null) return { kind: 'message', source: line, text: neutral, reason: 'engines word it differently' }
  const text = `${prefixOf(named)}${parameterise(withoutSystemWords(line)).trim()}`
  return { kind: 'message', source: line, text, reason: 'no place is known' }
}

/** The type before a text; a name that a compiler for the web gave is none. */
function prefixOf(type: string | null): string {
  const text = type?.trim() ?? ''
  if (text === '') return '<unknown>: '
  return text.startsWith('minified:') ? '' : `${readType(text)}: `
}
