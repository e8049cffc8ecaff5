import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout's own folder, wherever it lies. */
const root = fileURLToPath(new URL('../..', import.meta.url))

/** Installed, generated or private to this machine: nothing in them is ours to check. */
const NOT_OURS = new Set(['node_modules', '.git', '.rumen', '.turbo', 'dist'])

/** Every file of the checkout, relative to its root, with `/`. Walks the disk: a downloaded archive has no git to ask. */
export const files: readonly string[] = walk('')

function walk(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (NOT_OURS.has(entry.name)) return []
    return entry.isDirectory() ? walk(path) : [path]
  })
}

export function absolute(path: string): string {
  return join(root, path)
}

export function read(path: string): string {
  return readFileSync(absolute(path), 'utf8')
}

/** 1-based line of an offset, for messages an editor can jump to. */
export function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length
}
