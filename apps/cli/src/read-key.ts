import type { PublicKey } from '@rumen/protocol/brand'
import { isPublicKey } from '@rumen/protocol/public-key'
import { CommandError } from './command-error.ts'

/** A DSN's public key as somebody typed it. */
export function readKey(text: string): PublicKey {
  if (!isPublicKey(text)) throw new CommandError('a key is 32 hexadecimal characters in lower case')
  return text
}
