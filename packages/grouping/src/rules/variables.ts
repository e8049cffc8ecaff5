import { describeUnknown, quote } from './fault.ts'

/** What a fingerprint can be filled with; the same names as in a fingerprint that an SDK sends. */
const VARIABLES: readonly string[] = [
  ...['default', 'type', 'value', 'message', 'transaction', 'level', 'logger', 'function', 'module', 'path', 'package'],
  ...['error.type', 'error.value', 'stack.function', 'stack.module', 'stack.abs_path', 'stack.filename'],
  'stack.package',
]

const TAG = /^tags\.[\w.:-]+$/i
const WHOLE = /^\s*\{\{[^{}]*\}\}\s*$/

/** What is wrong with a part of a fingerprint, `null` where nothing is: it is one variable or has none. */
export function findPartFault(part: string): string | null {
  const fault = findVariableFault(part)
  if (fault !== null || !part.includes('{{') || WHOLE.test(part)) return fault
  return `a variable is a part by itself, as in fingerprint=checkout,{{ type }}: ${quote(part)} has more in it`
}

/** What is wrong with the first variable of a text that cannot be filled, `null` where all can. */
export function findVariableFault(text: string): string | null {
  for (let start = text.indexOf('{{'); start !== -1; ) {
    const end = text.indexOf('}}', start)
    if (end === -1) return 'a "{{" is not closed by "}}"'
    const name = text.slice(start + 2, end).trim()
    if (!isVariable(name)) return describeUnknown('variable', name, [...VARIABLES, 'tags.KEY'])
    start = text.indexOf('{{', end)
  }
  return null
}

function isVariable(name: string): boolean {
  return VARIABLES.includes(name.toLowerCase()) || TAG.test(name)
}
