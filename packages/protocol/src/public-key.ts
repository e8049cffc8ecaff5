import type { PublicKey } from './brand.ts'
import { ProtocolError } from './protocol-error.ts'

/**
 * A DSN's public key: 32 lower-case hexadecimal characters. Flags behind it (`<key>.no-cache`, sent by old
 * SDKs) are split off. Throws `bad_public_key`.
 */
export function parsePublicKey(text: string): PublicKey {
  const key = withoutFlags(text)
  if (!isPublicKey(key)) throw new ProtocolError('bad_public_key', ['invalid project key'])
  return key
}

/** The key without its `.flag` suffixes; two spellings of one key must compare equal. */
export function withoutFlags(text: string): string {
  const dot = text.indexOf('.')
  return dot === -1 ? text : text.slice(0, dot)
}

export function isPublicKey(text: string): text is PublicKey {
  return /^[0-9a-f]{32}$/.test(text)
}
