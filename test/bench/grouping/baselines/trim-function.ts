import { isNative } from './families.ts'

/**
 * A function's name as Sentry compares it: without arguments, return type, template parameters and what a compiler
 * adds (`src/sentry/stacktraces/functions.py` at 1d64ee9; Bugsink and GlitchTip have copies of it).
 */
export function trimFunction(name: string, platform: string): string {
  if (platform === 'csharp') return name.split(' (', 1)[0] ?? name
  return isNative(platform) ? trimNative(name, platform) : name
}

/** Signs that look like brackets and are none, and what stands for them meanwhile. */
const MASKS = [
  ['operator<<', 'operator⟨⟨'],
  ['operator<', 'operator⟨'],
  ['operator()', 'operator◯'],
  ['operator->', 'operator⟿'],
  [' -> ', ' ⟿ '],
  ["`anonymous namespace'", '〔anonymousnamespace〕'],
] as const
const LAMBDA = /\{lambda\(.*?\)#\d+\}|\blambda_[a-f\d]{32}\b|\$_\d+\b/g
const UNKNOWN = new Set(['<redacted>', '<unknown>'])

function trimNative(original: string, platform: string): string {
  if (UNKNOWN.has(original) || /^\s*(?:[+-]?\[)/.test(original)) return original
  let name = replaceEnclosed(original.trim(), '[]', (inner) => (inner.startsWith('clone .') ? '' : `[${inner}]`))
  name = name.trimEnd().replace(/(?:\s*(?:\bconst\b|&))+$/, '')
  for (const [sign, mask] of MASKS) name = name.replaceAll(sign, mask)
  name = name.replace(LAMBDA, 'lambda').replace(/\?A0x[a-f\d]{8}::/g, '〔anonymousnamespace〕::')
  name = replaceEnclosed(name, '()', keepNamespace)
  name = replaceEnclosed(name, '<>', shortenGenerics)
  const unmasked = pickName(name, platform)
    .replaceAll('⟨', '<')
    .replaceAll('◯', '()')
    .replaceAll('⟿', '->')
    .replaceAll('〔anonymousnamespace〕', "`anonymous namespace'")
  return (unmasked || original)
    .replace(/::h[a-z\d]{16}$/, '')
    .replace(/@@?GLIBC_[\d.]+$/, '')
    .replace(/^@?(.*?)@\d+$/, '$1')
}

function keepNamespace(inner: string): string {
  const text = inner.trim()
  return text === 'anonymous namespace' || text === 'operator' ? `(${text})` : ''
}

/** `<T>` for parameters of a type; what stands first is Rust's `<Type as Trait>`, of which the type is kept. */
function shortenGenerics(inner: string, start: number): string {
  if (inner.startsWith('lambda')) return `<${inner}>`
  if (start > 0) return '<T>'
  const type = inner.replace(/^[A-Z] as /, '')
  return replaceEnclosed(type, '<>', shortenGenerics).split(' as ', 1)[0] ?? ''
}

/** Swift puts the name before an arrow, C++ last, after the type it gives back. */
function pickName(name: string, platform: string): string {
  const tokens = splitTokens(name)
  const arrow = tokens.lastIndexOf('⟿')
  const before = tokens[arrow - 1] === 'throws' ? tokens[arrow - 2] : tokens[arrow - 1]
  const token = (arrow > 0 ? before : undefined) ?? tokens.at(-1) ?? ''
  if (token.startsWith('@') && (platform === 'cocoa' || platform === 'swift'))
    return name.includes('thunk for ') ? 'thunk for closure' : 'closure'
  if (tokens.includes('closure') && token !== 'closure') return `closure in ${token}`
  // MSVC writes a space before the parameters of an operator.
  return token === '<T>' && tokens.length > 1 ? `${tokens.at(-2)} <T>` : token
}

const CLOSES: Readonly<Record<string, string>> = { '(': ')', '{': '}', '[': ']', '<': '>' }

/** At white space outside of brackets. */
function splitTokens(text: string): string[] {
  const tokens = ['']
  const open: string[] = []
  for (const char of text) {
    if (open.length === 0 && /\s/.test(char)) tokens.push('')
    else tokens.push(`${tokens.pop() ?? ''}${char}`)
    const close = CLOSES[char]
    if (close !== undefined) open.push(close)
    else if (char === open.at(-1)) open.pop()
  }
  return tokens.filter((token) => token !== '')
}

/** Puts something in the place of each outermost pair of brackets; what a bracket that never closes encloses is lost. */
function replaceEnclosed(
  text: string,
  pair: '()' | '<>' | '[]',
  put: (inner: string, start: number) => string,
): string {
  let [depth, start, result] = [0, 0, '']
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (char === pair[0]) {
      if (depth === 0) start = at
      depth++
    } else if (char === pair[1]) {
      depth--
      if (depth === 0) result += put(text.slice(start + 1, at), start)
    } else if (depth === 0) {
      result += char
    }
  }
  return result
}
