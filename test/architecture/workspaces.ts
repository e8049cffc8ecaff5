import { files, read } from './repository.ts'

export interface Manifest {
  name: string
  description?: string
  packageManager?: string
  scripts?: Record<string, string>
  exports?: Record<string, string>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  optionalDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

export interface Workspace {
  /** `packages/protocol`; the root's is empty. */
  folder: string
  /** `packages/protocol/package.json` */
  path: string
  manifest: Manifest
}

/** The root and every workspace below it, by its package.json. */
export const workspaces: readonly Workspace[] = files
  .filter((path) => /^((apps|packages)\/[^/]+\/|test\/|)package\.json$/.test(path))
  .map((path) => ({ folder: path.replace(/\/?package\.json$/, ''), path, manifest: parseManifest(path) }))

function parseManifest(path: string): Manifest {
  const manifest: Manifest = JSON.parse(read(path))
  return manifest
}

/** What a package needs to run: name → range. */
export function shipped(manifest: Manifest): Record<string, string> {
  return { ...manifest.dependencies, ...manifest.optionalDependencies, ...manifest.peerDependencies }
}

/** Everything a package.json asks for, of any kind: name → range. */
export function declared(manifest: Manifest): Record<string, string> {
  return { ...shipped(manifest), ...manifest.devDependencies }
}

/** The workspace a file belongs to; files outside every package are the root's. */
export function ownerOf(file: string): Workspace {
  const owner =
    workspaces.find(({ folder }) => folder !== '' && file.startsWith(`${folder}/`)) ??
    workspaces.find(({ folder }) => folder === '')
  if (!owner) throw new Error(`no package.json owns ${file}`)
  return owner
}
