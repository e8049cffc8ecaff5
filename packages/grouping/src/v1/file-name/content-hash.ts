/**
 * A script's name (without extension) without what a bundler or a release put into it: content hashes,
 * chunk and version numbers, `min`. `main.3f2a1b9c.chunk` is `main.chunk` in every build.
 */
export function withoutContentHash(stem: string): string {
  if (!/[0-9A-Z]|\.min/.test(stem)) return stem
  if (!stem.includes('.')) return withoutDashedHash(stem)
  const [head = '', ...tail] = stem.split('.')
  const kept = tail.filter((piece) => piece !== 'min' && !isNumber(piece) && !isHash(piece))
  return [head, ...kept].map(withoutDashedHash).join('.')
}

function withoutDashedHash(piece: string): string {
  if (isNumber(piece) || isHex(piece)) return '*'
  // Base64 hashes may hold a dash themselves, so theirs is found by length: `index-Bc-D1x2Y`.
  const mark = piece.charAt(piece.length - 9)
  if ((mark === '-' || mark === '~') && isHash(piece.slice(-8))) return withoutHash(piece.slice(0, -9))
  const last = Math.max(piece.lastIndexOf('-'), piece.lastIndexOf('~'), piece.lastIndexOf('_'))
  const token = piece.slice(last + 1)
  return last > 0 && (isHex(token) || isNumber(token)) ? withoutHash(piece.slice(0, last)) : piece
}

/** Next names a chunk by one hash and adds that of its content. */
function withoutHash(head: string): string {
  return isHex(head) ? '*' : head
}

/** webpack, Parcel and Angular write hex; Vite, Rollup and esbuild eight characters of base64 or base32. */
function isHash(token: string): boolean {
  if (isHex(token)) return true
  if (token.length !== 8 || !/^[\w-]*$/.test(token)) return false
  // Eight letters are a word, capitalised or not (`settings`, `Settings`): one hash in a thousand looks so.
  return /\d/.test(token) || /[A-Z]/.test(token.slice(1))
}

function isHex(token: string): boolean {
  return token.length >= 6 && /^[0-9a-f]*$/.test(token) && (token.length >= 16 || /\d/.test(token))
}

function isNumber(token: string): boolean {
  return /^\d+$/.test(token)
}
