import type { TextLimit } from './limits.ts'
import { cleanText } from './text.ts'

export const MASK = '[masked]'

/** Unmistakable wherever they stand in a name, in any spelling (`X-Api-Key`, `userPassword`, `AWS_SECRET_ID`). */
const SECRET_PART = /passw(?:or)?d|passphrase|secret|credential|authorization|cookie|apikey|bearer/
/** Only as the last word: `session_token` holds one, `token_count` and `monkey` do not. */
const SECRET_END = /(?:token|pwd|jwt|csrf|^auth|^key|(?:access|private|secret|encryption|signing|auth|license)key)$/

/**
 * True for a name whose value is likely a secret (design: named like password, token, secret, key). Errs towards
 * masking, the archive keeps the value; but `key` counts only as the whole name, or every `cache_key` would be lost.
 */
export function isSecretName(name: string): boolean {
  const squashed = name.toLowerCase().replace(/[^a-z0-9]/g, '')
  return SECRET_PART.test(squashed) || SECRET_END.test(squashed)
}

/**
 * Text without what URLs in it may carry: user and password before the host are removed, values of query and fragment
 * parameters named like secrets are masked. All patterns are bounded or stop at a delimiter: linear on any input.
 */
export function maskUrls(text: string): string {
  const bare = text.includes('@') && text.includes('://') ? text.replace(/:\/\/[^\s/?#]*@/g, '://') : text
  return bare.includes('=') && /[?&#;]/.test(bare) ? bare.replace(PARAMETER, maskParameter) : bare
}

/**
 * `maskUrls`, and the values of members named like secrets in what looks like JSON or Python inside the text: bodies are
 * often sent as text, cut in the middle. Linear on any input, as a value that does not end takes the rest.
 */
export function maskText(text: string): string {
  const bare = maskUrls(text)
  return /["']\s{0,8}:/.test(bare) ? bare.replace(MEMBER, maskMember) : bare
}

/** A non-empty string, masked before it is cut: a mask may be longer than what it hides. `null` for any other value. */
export function readMasked(value: unknown, limit: TextLimit, mask = maskUrls): string | null {
  if (typeof value !== 'string' || value === '') return null
  const head = value.slice(0, 4 * (limit.charsMax + limit.allowance)) // more than is kept, less than a megabyte
  return cleanText(mask(head), limit)
}

const PARAMETER = /([?&#;])([^=&#?;\s]{1,64})=([^&#;\s"'<>]+)/g

function maskParameter(whole: string, before: string, name: string): string {
  return isSecretName(name) ? `${before}${name}=${MASK}` : whole
}

/** `"name": ` and a value: a string in the same or the other quotes, one that does not end, or a bare word. */
const MEMBER =
  /((["'])([^"'\\\n]{1,64})\2\s{0,8}:\s{0,8})(?:"[^"\\]*(?:\\[\s\S][^"\\]*)*(?:"|\\?$)|'[^'\\]*(?:\\[\s\S][^'\\]*)*(?:'|\\?$)|[\w.+-]{1,64})/g

function maskMember(whole: string, start: string, quote: string, name: string): string {
  const isNothing = /^(?:null|None|nil)$/.test(whole.slice(start.length))
  return isSecretName(name) && !isNothing ? `${start}${quote}${MASK}${quote}` : whole
}
