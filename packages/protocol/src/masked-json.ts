import { isSecretName, MASK } from './mask.ts'
import { isRecord } from './record.ts'

/** A string as it is, anything else as its JSON text without secrets; `null` for null and for what has no JSON text. */
export function maskedJson(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return null
  try {
    return JSON.stringify(value, function (this: object, key: string, child: unknown) {
      return child !== null && isSecretMember(this, key) ? MASK : child
    })
  } catch {
    return null // nested deeper than the stack reaches
  }
}

/** True for what is named like a secret: by its key, or as `["password", "…"]` or `{"name": "password", "value": "…"}`. */
export function isSecretMember(holder: object, key: string): boolean {
  if (Array.isArray(holder)) {
    return key === '1' && holder.length === 2 && typeof holder[0] === 'string' && isSecretName(holder[0])
  }
  if (isSecretName(key)) return true
  if (key !== 'value' || !isRecord(holder)) return false
  const label = holder.name ?? holder.key
  return typeof label === 'string' && isSecretName(label)
}
