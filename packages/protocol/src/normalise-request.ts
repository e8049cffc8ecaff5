import type { Request } from './event.ts'
import { TEXT_LIMITS } from './limits.ts'
import { readMasked } from './mask.ts'
import { isRecord, type JsonObject } from './record.ts'

/** The URL without user, query and fragment, which carry secrets; the method in capitals. */
export function normaliseRequest(request: JsonObject): Request {
  return { url: readUrl(request.url), method: readMethod(request.method) }
}

/** A request header by lower-case name, from an object or a list of pairs; the first of several values. */
export function findHeader(headers: unknown, name: string): string | null {
  const pairs: Iterable<unknown> = isRecord(headers) ? Object.entries(headers) : Array.isArray(headers) ? headers : []
  for (const pair of pairs) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string' || pair[0].toLowerCase() !== name) continue
    const value: unknown = Array.isArray(pair[1]) ? pair[1][0] : pair[1]
    if (typeof value === 'string') return value
  }
  return null
}

function readUrl(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const bare = (/^[^?#]*/.exec(value)?.[0] ?? '').trim()
  // Old JS SDKs cut URLs with an ellipsis character, which no URL contains.
  return readMasked(bare.endsWith('…') ? `${bare.slice(0, -1)}...` : bare, TEXT_LIMITS.url)
}

function readMethod(value: unknown): string | null {
  if (typeof value !== 'string' || value.length > 32) return null
  const method = value.toUpperCase()
  return /^[A-Z_-]{3,32}$/.test(method) ? method : null
}
