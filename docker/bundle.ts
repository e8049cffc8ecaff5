import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Metafile, type Plugin } from 'esbuild'
import { packagesOf, readNotices } from './third-party.ts'

// `pnpm bundle [FOLDER]`: Rumen as a folder that needs Node 24 and nothing else; dist/ unless said otherwise.

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const APPS = ['cli', 'gateway', 'worker']

/** Modules that ask where they are, with what they look for from there. */
const KNOW_WHERE = [
  // The root: programs, .env.
  'apps/cli/src/paths.ts',
  // drizzle/
  'packages/db/src/migration/migrations-folder.ts',
  // Packages that no bundle has, and it says so.
  'packages/embedded/src/find-binaries.ts',
]

/** What is CommonJS inside asks for Node's modules by `require`. */
const REQUIRE = `import { createRequire as requireFrom } from 'node:module'
const require = requireFrom(import.meta.url)`

/** A command named `rumen`, wherever it is linked from. */
const COMMAND = `#!/usr/bin/env node
import './apps/cli/src/main.js'
`

async function bundle(folder: string): Promise<void> {
  const metafile = await bundleApps(folder)
  await copyMigrations(folder)
  await writeFile(join(folder, 'package.json'), await describe())
  await writeFile(join(folder, 'rumen'), COMMAND, { mode: 0o755 })
  await cp(join(ROOT, 'LICENSE'), join(folder, 'LICENSE'))
  await writeFile(join(folder, 'THIRD-PARTY.txt'), await readNotices(ROOT, packagesOf(metafile)))
}

/** Names are kept as they are written: a stack in the log is to be read. */
async function bundleApps(outdir: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: Object.fromEntries(APPS.map((app) => [`apps/${app}/src/main`, `apps/${app}/src/main.ts`])),
    outdir,
    bundle: true,
    splitting: true,
    chunkNames: 'packages/bundled/src/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node24',
    banner: { js: REQUIRE },
    // Asked for by pg where somebody has it; nobody has.
    external: ['pg-native'],
    legalComments: 'none',
    plugins: [keepPlaces],
    metafile: true,
    logLevel: 'warning',
  })
  return metafile
}

/**
 * The bundle is laid out as the checkout is, and a module that asks where it is is told its place in it, though its code stands
 * in another file: each lies three folders below the root. One that is not listed stops the build: what it looks for may not
 * be in the bundle.
 */
const keepPlaces: Plugin = {
  name: 'keep places',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const place = relative(ROOT, path).replaceAll('\\', '/')
      if (!source.includes('import.meta.')) return null
      if (!KNOW_WHERE.includes(place)) {
        throw new Error(`${place} asks where it is: see KNOW_WHERE in docker/bundle.ts`)
      }
      const url = `new URL('../../../${place.replace(/\.ts$/, '.js')}', import.meta.url).href`
      return { contents: source.replaceAll('import.meta.url', url), loader: 'ts' }
    })
  },
}

/** The SQL and its list; what drizzle-kit compares with stays behind. */
async function copyMigrations(folder: string): Promise<void> {
  const drizzle = join(ROOT, 'drizzle')
  await mkdir(join(folder, 'drizzle', 'meta'), { recursive: true })
  const names = (await readdir(drizzle)).filter((name) => name.endsWith('.sql'))
  for (const name of [...names, 'meta/_journal.json']) await cp(join(drizzle, name), join(folder, 'drizzle', name))
}

async function describe(): Promise<string> {
  const { version, description, license } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'))
  const manifest = { name: 'rumen', version, description, license, private: true, type: 'module' }
  return `${JSON.stringify({ ...manifest, bin: { rumen: 'rumen' }, engines: { node: '>=24' } }, null, 2)}\n`
}

/** An empty folder; dist/, which is ours, is emptied. */
async function emptyFolder(given: string | undefined): Promise<string> {
  const folder = given === undefined ? join(ROOT, 'dist') : resolve(given)
  if (given === undefined) await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  if ((await readdir(folder)).length > 0) throw new Error(`${folder} is not empty`)
  return folder
}

try {
  const folder = await emptyFolder(process.argv[2])
  await bundle(folder)
  process.stderr.write(`bundle: ${relative(process.cwd(), folder) || '.'}\n`)
} catch (error) {
  process.stderr.write(`bundle: ${error instanceof Error ? error.message : error}\n`)
  process.exitCode = 1
}
