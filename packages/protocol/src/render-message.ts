import { maskedJson } from './masked-json.ts'
import { isRecord } from './record.ts'

/** Flags, width and precision are read over: a width of a billion must not become a billion blanks. */
const PRINTF = /%(?:\(([^)]{1,128})\))?[-+#0]{0,5}\d{0,9}(?:\.\d{0,9})?[hlL]{0,2}([diouxXeEfFgGcrsa%])/g
const CURLY = /\{\{|\}\}|\{([\w.-]{0,128})(?::[^{}]{0,64})?\}/g

/**
 * Fills a message's parameters in: `%s`, `%(name)s` in printf style, else `{}`, `{0}`, `{name}`. A placeholder without
 * parameter stays as it is. Stops growing at about `charsMax`, whatever the parameters are.
 */
export function renderMessage(template: string, params: unknown, charsMax: number): string {
  if (!Array.isArray(params) && !isRecord(params)) return template
  let room = charsMax
  let next = 0
  const fill = (placeholder: string, name: string | undefined): string => {
    if (room <= 0) return ''
    const isPositional = name === undefined || name === ''
    const text = paramText(params, isPositional ? String(next++) : name)?.slice(0, room)
    room -= text?.length ?? 0
    return text ?? placeholder
  }
  if (template.includes('%')) {
    return template.replace(PRINTF, (whole, name: string | undefined, type: string) =>
      type === '%' ? '%' : fill(whole, name),
    )
  }
  return template.replace(CURLY, (whole, name: string | undefined) =>
    whole === '{{' ? '{' : whole === '}}' ? '}' : fill(whole, name),
  )
}

/** Own members only: `%(constructor)s` must not find what every object inherits. */
function paramText(params: object, name: string): string | null {
  if (!Object.hasOwn(params, name) || (Array.isArray(params) && name === 'length')) return null
  const value: unknown = Reflect.get(params, name)
  return value === null ? 'null' : maskedJson(value)
}
