import { cp } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './temporary-folder.ts'

export interface CheckoutCopy {
  folder: string
  remove(): Promise<void>
}

const CHECKOUT = fileURLToPath(new URL('../..', import.meta.url))

/** What a clone would not bring: installed, generated, or private to this machine. */
const NOT_CLONED = new Set(['node_modules', '.git', '.rumen', '.turbo', '.env', 'dist'])

/**
 * The checkout as a newcomer has it, below a path with spaces in it and a folder that is its owner's alone (0700, as a
 * home often is). Asks no git: a downloaded archive has none.
 */
export async function copyCheckout(): Promise<CheckoutCopy> {
  const { path, remove } = await temporaryFolder('rumen with spaces ')
  const folder = join(path, 'my checkout')
  await cp(CHECKOUT, folder, { recursive: true, filter: (path) => !NOT_CLONED.has(basename(path)) })
  return { folder, remove }
}
