import { fileURLToPath } from 'node:url'

/** A path in the checkout, from its root, wherever the command is called from. */
export function fromRoot(path: string): string {
  return fileURLToPath(new URL(`../../../${path}`, import.meta.url))
}

/** What a checkout keeps between starts: the embedded database and the port it was reached at. Removing it begins anew. */
export const STATE_FOLDER = fromRoot('.rumen')
