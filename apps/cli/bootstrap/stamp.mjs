import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MODULES, NODE, ROOT } from './paths.mjs'
import { readText } from './read-text.mjs'

/** Written only after a complete install; its content says of what. */
const STAMP = join(MODULES, '.rumen-installed')

/** Changes with everything an install depends on. */
export function fingerprint() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`)
  for (const path of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests()]) {
    hash.update(`${path}\n`).update(readFileSync(join(ROOT, path)))
  }
  return hash.digest('hex')
}

/** The stamp is right, and nobody deleted a part of what it stands for. */
export function isInstalled(wanted) {
  return (
    readText(STAMP) === wanted &&
    existsSync(NODE) &&
    manifests().every((path) => !hasDependencies(path) || existsSync(join(ROOT, dirname(path), 'node_modules')))
  )
}

/** Whole or not at all. */
export function writeStamp(wanted) {
  const draft = `${STAMP}.${process.pid}`
  writeFileSync(draft, wanted)
  renameSync(draft, STAMP)
}

export function removeStamp() {
  rmSync(STAMP, { force: true })
}

/** Deletes everything that was installed. */
export function removeModules() {
  for (const path of manifests()) rmSync(join(ROOT, dirname(path), 'node_modules'), { recursive: true, force: true })
}

/** Every package.json: the root's, those one level down and those two levels down. */
function manifests() {
  const below = folders('').flatMap((folder) => [folder, ...folders(folder)])
  return ['', ...below].map((folder) => join(folder, 'package.json')).filter((path) => existsSync(join(ROOT, path)))
}

function folders(parent) {
  return readdirSync(join(ROOT, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.'))
    .map((entry) => join(parent, entry.name))
    .sort()
}

function hasDependencies(path) {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, path), 'utf8'))
  return Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies }).length > 0
}
