import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A path from the root of the checkout, or of the bundle, which is laid out alike; wherever the command is called from. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}

const EXTENSION = extname(fileURLToPath(import.meta.url))

/** What an image runs; it has no PostgreSQL. A checkout runs its sources. */
export const IS_BUNDLE = EXTENSION === '.js'

/** The program of an app. */
export function programOf(app: string): string {
  return fromRoot(`apps/${app}/src/main${EXTENSION}`)
}

/** What a checkout keeps between starts: the embedded database and the port it was reached at. Removing it begins anew. */
export const STATE_FOLDER = fromRoot('.rumen')
