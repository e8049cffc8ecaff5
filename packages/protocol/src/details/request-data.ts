const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
/** A name, then `=`, and no white space anywhere: what else has this form is rare. */
const FORM = /^[\w.+%[\]-]{1,128}=\S*$/

/** A body that came as text, in parts where it is JSON or a form; anything else as it is. */
export function parseRequestData(data: unknown, sentType: unknown): { value: unknown; contentType: string | null } {
  const type = typeof sentType === 'string' ? (sentType.split(';', 1)[0] ?? '').trim().toLowerCase() : ''
  if (typeof data !== 'string') return { value: data, contentType: type === '' ? null : type.slice(0, 128) }
  const json = /^\s*[[{]/.test(data) ? parseJson(data) : undefined
  if (json !== undefined) return { value: json, contentType: JSON_TYPE }
  if (type === FORM_TYPE || FORM.test(data)) return { value: parseForm(data), contentType: FORM_TYPE }
  return { value: data, contentType: type === '' ? null : type.slice(0, 128) }
}

/** Undefined for what is no JSON, such as a body the SDK has cut. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Names to values, to a list of them where a name is repeated. */
function parseForm(text: string): Record<string, string | string[]> {
  const form = new Map<string, string | string[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const before = form.get(name)
    if (before === undefined) form.set(name, value)
    else if (Array.isArray(before)) before.push(value)
    else form.set(name, [before, value])
  }
  return Object.fromEntries(form)
}
