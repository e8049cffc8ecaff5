import { isBuiltin } from 'node:module'
import { join } from 'node:path/posix'
import { expect, test } from 'vitest'
import { importsOf, packageNameOf } from './imports-of.ts'
import { files, read } from './repository.ts'
import { declared, ownerOf, shipped, workspaces } from './workspaces.ts'

/** Installed once, at the root, for every test. */
const TEST_RUNNER = 'vitest'

const sources = files.filter((path) => /\.(ts|mts|mjs)$/.test(path))

const imports = sources.flatMap((file) => importsOf(file, read(file)).map((found) => ({ ...found, file })))

/** Every import that `wrong` objects to, as `<file>:<line> imports <specifier>`. */
function offences(wrong: (specifier: string, file: string) => boolean): string[] {
  return imports
    .filter(({ specifier, file }) => wrong(specifier, file))
    .map(({ specifier, file, line }) => `${file}:${line} imports ${specifier}`)
}

function isRelative(specifier: string): boolean {
  return specifier.startsWith('.')
}

/** Code that never ships: it may use what is installed for development only. */
function isTestCode(file: string): boolean {
  return /\.test(-d)?\.ts$|^(docker|test)\/|\/fixtures\/|^[^/]+$/.test(file)
}

test('there are imports to check', () => {
  expect(imports.length).toBeGreaterThan(100)
})

test('a relative import stays in its package and names a file that exists', () => {
  const wrong = offences((specifier, file) => {
    if (!isRelative(specifier)) return false
    const target = join(file, '..', specifier)
    return !files.includes(target) || ownerOf(target) !== ownerOf(file)
  })
  expect(wrong, 'import another package by name, as in @rumen/protocol/envelope, after declaring it').toEqual([])
})

test('an import of ours names a file the package exports', () => {
  const wrong = offences((specifier) => {
    if (!specifier.startsWith('@rumen/')) return false
    const name = packageNameOf(specifier)
    const target = workspaces.find(({ manifest }) => manifest.name === name)
    const pattern = target?.manifest.exports?.['./*']
    if (!target || !pattern) return true
    return !files.includes(join(target.folder, pattern.replace('*', specifier.slice(name.length + 1))))
  })
  expect(wrong, 'the import is @rumen/<package>/<file of its src, without .ts>; apps export nothing').toEqual([])
})

test('every package that is imported is declared beside the import', () => {
  const wrong = offences((specifier, file) => {
    if (isRelative(specifier) || isBuiltin(specifier)) return false
    const name = packageNameOf(specifier)
    if (name === TEST_RUNNER && isTestCode(file)) return false
    const { manifest } = ownerOf(file)
    return !Object.hasOwn(isTestCode(file) ? declared(manifest) : shipped(manifest), name)
  })
  const advice = 'name it, as "catalog:" or "workspace:*", in the nearest package.json'
  expect(wrong, `${advice}: under "dependencies", or under "devDependencies" when only tests import it`).toEqual([])
})
