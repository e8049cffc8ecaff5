import { describeUnknown, quote, type Report } from './fault.ts'
import type { LineReader } from './line-reader.ts'
import { findPartFault, findVariableFault } from './variables.ts'

const ACTION_NAMES: readonly string[] = ['fingerprint', 'title', 'in_app', 'ignore']

export interface Actions {
  fingerprint: readonly string[] | null
  title: string | null
  inApp: boolean | null
  isIgnored: boolean
  /** The actions of frames that stand there, as written. */
  frameActions: readonly string[]
}

/** What stands behind the arrow. */
export function readActions(reader: LineReader, report: Report): Actions {
  const actions: Actions = { fingerprint: null, title: null, inApp: null, isIgnored: false, frameActions: [] }
  const seen = new Set<string>()
  let count = 0
  while (reader.toNextWord()) {
    const name = reader.takeBare('=')
    if (ACTION_NAMES.includes(name) && seen.has(name)) report(`${quote(name)} stands on this line twice`)
    seen.add(name)
    count++
    Object.assign(actions, readAction(name, reader, report))
  }
  if (count === 0) report(`there is no action after "->": ${ACTION_NAMES.join(', ')}`)
  return { ...actions, frameActions: ['in_app', 'ignore'].filter((name) => seen.has(name)) }
}

function readAction(name: string, reader: LineReader, report: Report): Partial<Actions> {
  const hasValue = reader.take('=')
  switch (name) {
    case 'fingerprint':
      return { fingerprint: readFingerprint(reader, report) }
    case 'title':
      return { title: readTitle(reader, report) }
    case 'in_app':
      return { inApp: readSwitch(reader, report) }
    case 'ignore':
      if (hasValue) report(`"ignore" takes no value, but has ${quote(skipValue(reader))}`)
      return { isIgnored: true }
    default:
      report(describeUnknown('action', name, ACTION_NAMES))
      if (hasValue) skipValue(reader)
      return {}
  }
}

function readSwitch(reader: LineReader, report: Report): boolean | null {
  const word = reader.takeBare('')
  if (word === 'on' || word === 'off') return word === 'on'
  report(
    word === '' ? '"in_app" has no value: write in_app=on or in_app=off' : `"in_app" is on or off, not ${quote(word)}`,
  )
  return null
}

function readTitle(reader: LineReader, report: Report): string | null {
  if (reader.isAtWordEnd()) {
    report('"title" has no value: write title="…"')
    return null
  }
  const title = readValue(reader, report, '')
  if (title === null) return null
  const fault = title.trim() === '' ? '"title" is empty' : findVariableFault(title)
  if (fault !== null) report(fault)
  return title
}

/** Parts with commas between them, and spaces where somebody likes them there. */
function readFingerprint(reader: LineReader, report: Report): string[] | null {
  if (reader.isAtWordEnd()) {
    report('"fingerprint" has no value: write fingerprint=PART,PART')
    return null
  }
  const parts: string[] = []
  do {
    reader.skipSpace()
    const part = readValue(reader, report, ',')
    if (part !== null) {
      const fault = part.trim() === '' ? 'a part of "fingerprint" is empty' : findPartFault(part)
      if (fault !== null) report(fault)
      parts.push(part)
    }
    reader.skipSpace()
  } while (reader.take(','))
  return parts
}

/** A quoted text, or a bare one up to white space or one of `stops`. */
function readValue(reader: LineReader, report: Report, stops: string): string | null {
  const isQuoted = reader.isAt('"')
  const value = isQuoted ? reader.takeQuoted() : reader.takeTemplate(stops)
  if (value === null) {
    report(isQuoted ? 'a quote is not closed' : 'a "{{" is not closed by "}}"')
    return null
  }
  if (!isQuoted && value.includes('"')) {
    report(`a quote within ${quote(value)}: put the whole text in quotes, and a quote in it as \\"`)
    return null
  }
  const rest = isQuoted ? reader.takeBare(stops) : ''
  if (rest === '') return value
  report(`${quote(rest)} follows a closing quote: put the whole text in quotes`)
  return null
}

function skipValue(reader: LineReader): string {
  return (reader.isAt('"') ? reader.takeQuoted() : reader.takeTemplate('')) ?? ''
}
