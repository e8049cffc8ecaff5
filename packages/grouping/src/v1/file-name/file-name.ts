import type { Family } from '../family.ts'
import { readPathEnd } from './path-end.ts'

/**
 * What a frame's path tells. A `source` is a file somebody wrote, a `bundle` what a build made of many,
 * a `page` the document an inline script stands in; a `builtin` is the runtime's own and no place at all.
 */
export type FileName = { kind: 'source' | 'bundle'; text: string } | { kind: 'page' | 'builtin'; text: null }

const BUILTIN: FileName = { kind: 'builtin', text: null }
/** Pages carry ids and names in their addresses, so nothing of them is kept. */
const PAGE: FileName = { kind: 'page', text: null }

const NO_FILES = new Set(['native', 'native code', 'eval code', 'eval', 'unknown', '?'])
/** React Native's and Hermes's, and files whose names are nothing but a hash. */
const BUNDLE = /(?:^|\/)\*\.\w+$|bundle$|\.hbc$/

/**
 * The part of a path that stays the same from one build, host and deployment to the next:
 * no origin, query string, content hash, version or release directory.
 */
export function readFileName(path: string, family: Family): FileName {
  const scheme = path.indexOf('://')
  if (scheme > 0) return readUrl(path, scheme, family)
  if (/^[<[]|^$|^data:/.test(path) || NO_FILES.has(path)) return BUILTIN
  const isScript = family === 'javascript'
  const forward = path.includes('\\') ? path.replaceAll('\\', '/') : path
  const text = readPathEnd(isScript ? withoutQuery(forward) : forward, isScript)
  return text === null ? BUILTIN : { kind: isScript && BUNDLE.test(text) ? 'bundle' : 'source', text }
}

/** Schemes under which tools show sources, not what was served. */
const SOURCE_SCHEMES = new Set(['webpack', 'webpack-internal', 'turbopack', 'rsc', 'ng', 'vite', 'meteor'])
const CODE_EXTENSION = /\.(?:[mc]?jsx?|[mc]?tsx?|vue|svelte|astro|wasm|bundle|jsbundle|hbc)$/

function readUrl(path: string, scheme: number, family: Family): FileName {
  if (path.startsWith('blob:')) return PAGE
  const isScript = family === 'javascript'
  const isSource = SOURCE_SCHEMES.has(path.slice(0, scheme))
  const clean = withoutQuery(path)
  const slash = clean.indexOf('/', scheme + '://'.length)
  if (slash === -1 || (isScript && !isSource && !CODE_EXTENSION.test(clean))) return PAGE
  const text = readPathEnd(clean.slice(slash + 1), isScript)
  return text === null ? PAGE : { kind: isSource ? 'source' : 'bundle', text }
}

function withoutQuery(path: string): string {
  const query = path.search(/[?#]/)
  return query === -1 ? path : path.slice(0, query)
}
