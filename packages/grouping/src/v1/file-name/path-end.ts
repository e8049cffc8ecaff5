import { eitherName, words } from '../pattern.ts'
import { withoutContentHash } from './content-hash.ts'

/** Names of files that every second directory has: by the name alone, all of them would be one. */
const GENERIC = new RegExp(
  String.raw`^${eitherName(
    words(`
      index main mod lib core base common client api service controller types helper helpers util utils _form form
      handler handlers route routes urls page layout +page +layout +server show edit new
      __init__ __main__ view views model models task tasks *
    `),
  )}\.[\w.]+$`,
)

/** The file alone, as all above it is the machine's, the bundler's or the CDN's; with its directory where it says nothing. */
export function readPathEnd(path: string, isScript: boolean): string | null {
  const slash = path.lastIndexOf('/')
  if (slash === path.length - 1) return null
  const file = isScript ? readScript(path.slice(slash + 1)) : path.slice(slash + 1)
  if (!GENERIC.test(file) || slash <= 0) return file
  const directory = path.slice(path.lastIndexOf('/', slash - 1) + 1, slash)
  return isName(directory) ? `${readDirectory(directory)}/${file}` : file
}

/** Only what bundlers write is searched for hashes: `user-DataGrid.tsx` was named by a person. */
function readScript(file: string): string {
  const dot = file.lastIndexOf('.')
  const extension = dot === -1 ? '' : file.slice(dot)
  return /^\.(?:[mc]?js|css|bundle)$/.test(extension) ? withoutContentHash(file.slice(0, dot)) + extension : file
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
