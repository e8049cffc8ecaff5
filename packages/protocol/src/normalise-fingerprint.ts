import { FINGERPRINT_PARTS_MAX, TEXT_LIMITS } from './limits.ts'
import { lenientText, readName, readText } from './text.ts'

const INTEGER_EXACT_MAX = 2 ** 53

/**
 * The SDK's fingerprint without empty parts; empty when it sent no list, so that a bare string groups nothing. The
 * checksum old SDKs sent instead is one of a single part.
 */
export function normaliseFingerprint(value: unknown, checksum?: unknown): readonly string[] {
  const parts = readParts(value)
  const text = parts.length > 0 ? null : readName(checksum, TEXT_LIMITS.checksum)
  return text === null ? parts : [text]
}

function readParts(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  const parts: string[] = []
  for (const part of value) {
    if (typeof part === 'number' && Math.abs(part) >= INTEGER_EXACT_MAX) continue
    const text = readText(lenientText(part), TEXT_LIMITS.fingerprintPart)
    if (text !== null) parts.push(text)
    if (parts.length === FINGERPRINT_PARTS_MAX) break
  }
  return parts
}
