import { withoutContentHash } from './content-hash.ts'
import type { Family } from './family.ts'

/**
 * What a frame's path tells. A `source` is a file somebody wrote, a `bundle` what a build made of many,
 * a `page` the document an inline script stands in; a `builtin` is the runtime's own and no place at all.
 */
export type FileName = { kind: 'source' | 'bundle'; text: string } | { kind: 'page' | 'builtin'; text: null }

const BUILTIN: FileName = { kind: 'builtin', text: null }
/** Pages carry ids and names in their addresses, so nothing of them is kept. */
const PAGE: FileName = { kind: 'page', text: null }

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
  const isRooted = forward.startsWith('/') || forward.charAt(1) === ':'
  const text = (isRooted ? readRooted : readRelative)(isScript ? withoutQuery(forward) : forward, isScript)
  return text === null ? BUILTIN : { kind: isScript && BUNDLE.test(text) ? 'bundle' : 'source', text }
}

const NO_FILES = new Set(['native', 'native code', 'eval code', 'eval', 'unknown', '?'])
const BUNDLE = /(?:^|\/)\*\.\w+$|bundle$|\.hbc$/

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
  const text = (isSource ? readRelative : readRooted)(clean.slice(slash + 1), isScript)
  return text === null ? PAGE : { kind: isSource ? 'source' : 'bundle', text }
}

function withoutQuery(path: string): string {
  const query = path.search(/[?#]/)
  return query === -1 ? path : path.slice(0, query)
}

/** Below a root only the file and its directory: what lies above is the machine's or the CDN's, not the code's. */
function readRooted(path: string, isScript: boolean): string | null {
  const slash = path.lastIndexOf('/')
  if (slash === path.length - 1) return null
  const file = isScript ? readScript(path.slice(slash + 1)) : path.slice(slash + 1)
  const directory = path.slice(path.lastIndexOf('/', slash - 1) + 1, Math.max(slash, 0))
  return slash > 0 && isName(directory) ? `${readDirectory(directory)}/${file}` : file
}

function readRelative(path: string, isScript: boolean): string | null {
  const segments = path.split('/').filter(isName)
  const file = segments.pop()
  return file === undefined ? null : [...segments.map(readDirectory), isScript ? readScript(file) : file].join('/')
}

/** `(rsc)` and its like tell which bundler layer a source was built for, `C:` the drive. */
function isName(segment: string): boolean {
  return segment !== '' && segment !== '.' && segment !== '..' && !segment.startsWith('(') && !segment.endsWith(':')
}

/** Directory names that change with each release (`20240131120000`, `1.4.2`, a build id) all read `*`. */
function readDirectory(name: string): string {
  if (!/\d/.test(name) || /^v\d$/.test(name)) return name
  return VERSION.test(name) || HEX.test(name) || (name.length >= 20 && RANDOM.test(name)) ? '*' : name
}

const VERSION = /^v?\d[\d.]*(?:[-+][\w.-]*)?$/
const HEX = /^[0-9a-f-]{7,}$/
const RANDOM = /^[a-z0-9_-]*[A-Z][\w-]*$/

/** Only what bundlers write is searched for hashes: `user-DataGrid.tsx` was named by a person. */
function readScript(file: string): string {
  const dot = file.lastIndexOf('.')
  const extension = dot === -1 ? '' : file.slice(dot)
  return /^\.(?:[mc]?js|css|bundle)$/.test(extension) ? withoutContentHash(file.slice(0, dot)) + extension : file
}
