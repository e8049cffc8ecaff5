import type { Frame } from '@rumen/protocol/event'
import { withoutContentHash } from '../file-name/content-hash.ts'
import { type FileName, readFileName } from '../file-name/file-name.ts'
import { readFunctionName } from '../function-name/function-name.ts'
import { isMinified } from '../function-name/javascript-name.ts'
import { eitherName, words } from '../pattern.ts'
import { type Place, placeOf } from './place.ts'

/** Sources keep their names; only what a bundler wrote may have shortened ones. */
const SOURCE_EXTENSION = /\.(?:[mc]?tsx?|jsx|vue|svelte|astro)$/
const SCRIPT_EXTENSION = /\.(?:[mc]?[jt]sx?|vue|svelte|astro)$/

/** A frame of JavaScript: the function and the source it was written in, or the function alone where only a bundle is known. */
export function readScriptFrame(frame: Frame): Place | null {
  const path = pathOf(frame)
  const file = path === null ? null : readFileName(path, 'javascript')
  // `Array.map` at `<anonymous>` may stand between any two frames.
  if (file?.kind === 'builtin') return null
  const isSource = SOURCE_EXTENSION.test(file?.text ?? path ?? '')
  const name = readName(frame, isSource)
  if (name === null && !tellsFile(file)) return null
  const where = file?.text ?? readModule(frame.module)
  // One source has one name, whatever it was compiled to.
  if (where !== null && isBundle(file, where)) return { name, text: name ?? '?' }
  return placeOf(name, where === null ? null : stemOf(where))
}

/** The file name of an SDK is a path where the whole address tells a page from a script. */
function pathOf({ filename, absPath }: Frame): string | null {
  return absPath !== null && /^https?:/.test(absPath) ? absPath : (filename ?? absPath)
}

function readName(frame: Frame, isSource: boolean): string | null {
  const name = readFunctionName(frame.function, 'javascript')
  return name !== null && !isSource && isMinified(name) ? null : name
}

/** A bundle without a function says only which application this is. */
function tellsFile(file: FileName | null): boolean {
  return file !== null && file.text !== null && !(file.kind === 'bundle' && isBundleName(file.text))
}

/** Expo keeps an update it has downloaded in a file without an extension, `bundle-1769112800`. */
function isBundle(file: FileName | null, where: string): boolean {
  return (file?.kind === 'bundle' || /^bundle-\d+$/.test(where)) && isBundleName(where)
}

/** Node's SDK writes `directory.directory:file`; one that is a path repeats the file name, hash and all. */
function readModule(module: string | null): string | null {
  if (module === null || module.includes('/')) return null
  return withoutContentHash(module.slice(module.lastIndexOf(':') + 1))
}

const BUNDLE_NAMES = eitherName(words('main app _app vendor vendors bundle chunk index runtime *'))
const BUNDLE = new RegExp(String.raw`(?:^|/)(?:${BUNDLE_NAMES}|\w*\.(?:android|ios))(?:[.-]\w+)*$|bundle$`)
const BUILD_DIRECTORY = /^(?:assets|js|static|dist|build|chunks)\//

/** Names that say which application this is, not which part of it. */
function isBundleName(file: string): boolean {
  return BUNDLE.test(stemOf(file).replace(BUILD_DIRECTORY, ''))
}

function stemOf(file: string): string {
  return file.replace(SCRIPT_EXTENSION, '')
}
