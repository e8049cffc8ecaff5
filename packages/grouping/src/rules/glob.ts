/** Tokens of a pattern: a UTF-16 unit that must stand there, or one of these. */
const ANY = -1
/** In a path: any text without `/`. */
const STAR = -2
/** Any text. */
const WIDE = -3
/** A `**` that is a whole directory of a path, with its slash: any number of directories, also none. */
const DIRECTORIES = -4

const SLASH = 47
const NO_SEPARATOR = -5

/** A pattern made ready; `literal` where it has no wildcard and is compared as it stands. */
export interface Glob {
  readonly literal: string | null
  readonly tokens: readonly number[]
  readonly separator: number
  /** Texts every match must begin with, end with and contain: most values fail here, at the speed of the engine. */
  readonly prefix: string
  readonly suffix: string
  readonly needle: string
}

/**
 * Pattern in, glob out. `*` and `**` are any text and `?` is one character; in a path `*` and `?` stop at `/`, and a
 * `**` that stands for directories also stands for none. Every other character is itself.
 */
export function compileGlob(pattern: string, isPath: boolean): Glob {
  const tokens = readTokens(pattern, isPath)
  const separator = isPath ? SLASH : NO_SEPARATOR
  if (tokens.every((token) => token >= 0)) {
    return { literal: pattern, tokens, separator, prefix: pattern, suffix: pattern, needle: '' }
  }
  const runs = readRuns(tokens)
  const inner = runs.slice(1, -1).sort((a, b) => b.length - a.length)
  return {
    ...{ literal: null, tokens, separator },
    ...{ prefix: runs.at(0) ?? '', suffix: runs.at(-1) ?? '', needle: inner[0] ?? '' },
  }
}

function readTokens(pattern: string, isPath: boolean): number[] {
  const tokens: number[] = []
  for (let at = 0; at < pattern.length; ) {
    const stars = countStars(pattern, at)
    if (stars === 0) {
      tokens.push(pattern[at] === '?' ? ANY : pattern.charCodeAt(at))
      at++
      continue
    }
    const before = tokens.at(-1)
    at += stars
    const isDirectoryStart = before === undefined || before === SLASH || before === DIRECTORIES
    if (!isPath || stars === 1) tokens.push(isPath ? STAR : WIDE)
    else if (!isDirectoryStart || pattern[at] !== '/') tokens.push(WIDE)
    else {
      at++
      if (before !== DIRECTORIES) tokens.push(DIRECTORIES)
    }
  }
  return tokens
}

function countStars(pattern: string, from: number): number {
  let at = from
  while (pattern[at] === '*') at++
  return at - from
}

/** The texts between wildcards, in order; the first and the last are empty where a wildcard stands there. */
function readRuns(tokens: readonly number[]): string[] {
  const runs = ['']
  for (const token of tokens) {
    if (token < 0) runs.push('')
    else runs.push(`${runs.pop() ?? ''}${String.fromCharCode(token)}`)
  }
  return runs
}

/**
 * Whether all of `text` matches. At most (length of text × length of pattern) steps and no memory: of the wildcards
 * passed only the newest can still help, since an earlier end of what stands before it leaves it more of the text.
 */
export function matchesGlob(glob: Glob, text: string): boolean {
  if (glob.literal !== null) return text === glob.literal
  if (glob.prefix !== '' && !text.startsWith(glob.prefix)) return false
  if (glob.suffix !== '' && !text.endsWith(glob.suffix)) return false
  if (glob.needle !== '' && !text.includes(glob.needle)) return false
  return matchesTokens(glob, text)
}

/**
 * Two pointers with two places to go back to: the newest star, which takes one character more, and in paths the newest
 * `**`, which takes a directory more. That one moves by directories, not by characters: then no part of the pattern
 * sees a directory twice, and a path pattern such as `**x*y` stays below the bound.
 */
function matchesTokens({ tokens, separator }: Glob, text: string): boolean {
  let at = 0
  let token = 0
  let starToken = -1
  let starAt = 0
  let wideToken = -1
  let wideAt = 0
  for (;;) {
    const wanted = tokens[token]
    if (wanted === undefined && at === text.length) return true
    if (wanted === WIDE || wanted === STAR || wanted === DIRECTORIES) {
      token++
      if (wanted === WIDE && token === tokens.length) return true
      starToken = wanted === DIRECTORIES ? -1 : token
      starAt = at
      if (wanted === STAR) continue
      wideToken = token
      wideAt = at
      continue
    }
    const taken = wanted === undefined ? 0 : countTaken(wanted, text, at, separator)
    if (taken > 0) {
      at += taken
      token++
      continue
    }
    if (starToken !== -1 && starAt < text.length && text.charCodeAt(starAt) !== separator) {
      starAt++
      at = starAt
      token = starToken
      continue
    }
    const slash = wideToken === -1 || separator !== SLASH ? -1 : text.indexOf('/', wideAt)
    if (slash === -1) return false
    wideAt = slash + 1
    starAt = wideAt
    at = wideAt
    token = wideToken
    starToken = tokens[wideToken - 1] === WIDE ? wideToken : -1
  }
}

/** Units that `?` or a unit of the pattern takes at this place; a character beyond U+FFFF has two. */
function countTaken(wanted: number, text: string, at: number, separator: number): number {
  if (at >= text.length) return 0
  const unit = text.charCodeAt(at)
  if (wanted !== ANY) return unit === wanted ? 1 : 0
  if (unit === separator) return 0
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1
}
