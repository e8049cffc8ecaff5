import type { Frame } from '@rumen/protocol/event'
import { withoutContentHash } from './content-hash.ts'
import type { Family } from './family.ts'
import { readFileName } from './file-name.ts'
import { readFunctionName } from './function-name.ts'

/** A frame as it stands in a key; `isNamed` where it tells the function and not the file alone. */
export interface Place {
  text: string
  isNamed: boolean
}

/** Sources keep their names; only what a bundler wrote may have shortened ones. */
const SOURCE_EXTENSION = /\.(?:[mc]?tsx?|jsx|vue|svelte|astro)$/

/** `function in module-or-file`, both as they are in every build; `null` for a frame that names no code. */
export function readFrame(frame: Frame, family: Family): Place | null {
  const isScript = family === 'javascript'
  const path = frame.filename ?? frame.absPath
  const module = readModule(frame.module, family)
  const file = module === null && path !== null ? readFileName(path, family) : null
  // `Array.map` at `<anonymous>` may stand between any two frames.
  if (isScript && file?.kind === 'builtin') return null
  const name = readFunctionName(frame.function, family, isScript && !SOURCE_EXTENSION.test(file?.text ?? path ?? ''))
  // A bundle without a function says only which application this is.
  if (name === null && module === null && file?.kind !== 'source') return null
  return { text: `${name ?? '?'} in ${module ?? file?.text ?? '?'}`, isNamed: name !== null }
}

function readModule(module: string | null, family: Family): string | null {
  if (module === null || module === '' || module === '__main__' || module.startsWith('<')) return null
  switch (family) {
    case 'jvm':
      return readJvmModule(module)
    case 'javascript':
      return readScriptModule(module)
    default:
      return module
  }
}

/** `Cart$$SpringCGLIB$$0`, `Cart$$Lambda$14/0x7f` and `Cart$pay$1` are `Cart` and `Cart$pay`, whatever the run. */
function readJvmModule(module: string): string {
  if (!module.includes('$')) return module
  const generated = module.indexOf('$$')
  return (generated > 0 ? module.slice(0, generated) : module).replace(/\$\d+/g, '')
}

/** Node's SDK writes `directory.directory:file`; one that is a path repeats the file name, hash and all. */
function readScriptModule(module: string): string | null {
  if (module.includes('/')) return null
  const file = module.lastIndexOf(':') + 1
  return module.slice(0, file) + withoutContentHash(module.slice(file))
}
