import type { Tag } from './event.ts'
import { TAGS_MAX, TEXT_LIMITS } from './limits.ts'
import { isSecretName, MASK, readMasked } from './mask.ts'
import { isRecord } from './record.ts'
import { lenientText } from './text.ts'

const KEY = /^[a-zA-Z0-9_.:-]+$/
/** Fields of their own, which a tag of that name would only contradict. */
const RESERVED: ReadonlySet<string> = new Set(['release', 'dist', 'user', 'filename', 'function'])

/**
 * The tags of an event: first occurrence of a key wins, values named like secrets are masked. `environment` is no tag
 * but comes back by itself: old SDKs have no other place for it.
 */
export function normaliseTags(value: unknown): { tags: readonly Tag[]; environment: string | null } {
  const tags = new Map<string, string>()
  for (const [rawKey, rawValue] of pairsOf(value)) {
    const key = tagKey(rawKey)
    if (key === null || RESERVED.has(key) || tags.has(key)) continue
    const text = tagValue(key, rawValue)
    if (text !== null) tags.set(key, text)
    if (tags.size > TAGS_MAX) break
  }
  const environment = tags.get('environment') ?? null
  tags.delete('environment')
  return { tags: Array.from(tags, ([key, text]) => ({ key, value: text })).slice(0, TAGS_MAX), environment }
}

/** `{k: v}`, `[[k, v], …]` or `[{key, value}, …]`. */
function pairsOf(value: unknown): Iterable<readonly [unknown, unknown]> {
  if (isRecord(value)) return Object.entries(value)
  return Array.isArray(value) ? value.map(pairOf) : []
}

function pairOf(entry: unknown): readonly [unknown, unknown] {
  if (Array.isArray(entry)) return [entry[0], entry[1]]
  return isRecord(entry) ? [entry.key, entry.value] : [null, null]
}

function tagKey(value: unknown): string | null {
  const key = lenientText(value)?.trim().replaceAll(' ', '-') ?? ''
  return key.length <= TEXT_LIMITS.tagKey.charsMax && KEY.test(key) ? key : null
}

/** One line: Relay used to refuse values with a newline, which cost the tag. */
function tagValue(key: string, value: unknown): string | null {
  const text = lenientText(value)?.trim() ?? ''
  if (text === '') return null
  if (isSecretName(key)) return MASK
  return readMasked(/[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text, TEXT_LIMITS.tagValue)
}
