import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
export const MODULES = join(ROOT, 'node_modules')
/** The Node.js that the lockfile asks for; the one this runs with may be older. */
export const NODE = join(MODULES, 'node', 'bin', 'node')
/** What this checkout keeps on disk besides its sources. */
export const STATE = join(ROOT, '.rumen')
