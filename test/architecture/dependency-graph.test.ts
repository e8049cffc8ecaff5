import { expect, test } from 'vitest'
import { shipped, workspaces } from './workspaces.ts'

/**
 * Who may depend on whom. Down only: apps → packages, packages → what stands here, nobody → an app.
 * A new edge is a decision about the whole system: draw it here first and say why in the commit.
 */
const ALLOWED: Record<string, readonly string[]> = {
  '@rumen/protocol': [],
  '@rumen/config': [],
  '@rumen/telemetry': [],
  '@rumen/embedded': ['@rumen/telemetry'],
  '@rumen/grouping': ['@rumen/protocol'],
  '@rumen/digest': ['@rumen/grouping', '@rumen/protocol', '@rumen/telemetry'],
  '@rumen/db': ['@rumen/protocol'],
  '@rumen/queue': ['@rumen/protocol'],
  '@rumen/rows': ['@rumen/db', '@rumen/digest', '@rumen/grouping', '@rumen/protocol'],
  '@rumen/health': ['@rumen/db', '@rumen/telemetry'],
  '@rumen/gateway': [
    '@rumen/config',
    '@rumen/db',
    '@rumen/health',
    '@rumen/protocol',
    '@rumen/queue',
    '@rumen/telemetry',
  ],
  '@rumen/worker': [
    '@rumen/config',
    '@rumen/db',
    '@rumen/digest',
    '@rumen/grouping',
    '@rumen/health',
    '@rumen/protocol',
    '@rumen/queue',
    '@rumen/rows',
    '@rumen/telemetry',
  ],
  '@rumen/cli': [
    '@rumen/config',
    '@rumen/db',
    '@rumen/digest',
    '@rumen/embedded',
    '@rumen/grouping',
    '@rumen/health',
    '@rumen/protocol',
    '@rumen/queue',
    '@rumen/rows',
    '@rumen/telemetry',
  ],
  '@rumen/test': [
    '@rumen/config',
    '@rumen/db',
    '@rumen/embedded',
    '@rumen/grouping',
    '@rumen/protocol',
    '@rumen/queue',
    '@rumen/telemetry',
  ],
  rumen: [],
}

/** What any package may use in its tests (devDependencies): a database of its own. */
const FOR_TESTS = ['@rumen/embedded']

function ours(dependencies: Record<string, string> = {}): string[] {
  return Object.keys(dependencies).filter((name) => name.startsWith('@rumen/'))
}

const apps = workspaces.filter(({ folder }) => folder.startsWith('apps/')).map(({ manifest }) => manifest.name)

test('every package has its place in the graph, and the graph names no package that is gone', () => {
  const names = workspaces.map(({ manifest }) => manifest.name)
  expect(names.toSorted(), 'add the package to ALLOWED in this file, or take it out').toEqual(
    Object.keys(ALLOWED).toSorted(),
  )
})

test.for(workspaces)('$manifest.name depends on nothing the graph does not allow', ({ manifest, path }) => {
  const allowed = ALLOWED[manifest.name] ?? []
  const forbidden = [
    ...ours(shipped(manifest)).filter((name) => !allowed.includes(name)),
    ...ours(manifest.devDependencies).filter((name) => ![...allowed, ...FOR_TESTS].includes(name)),
  ]
  expect(
    forbidden,
    `${path}: take these out. What both sides need belongs in a package below both; values can be passed in as arguments`,
  ).toEqual([])
})

test('nobody depends on an app', () => {
  const edges = Object.values(ALLOWED).flat()
  expect(edges.filter((name) => apps.includes(name))).toEqual([])
})

test('the graph has no cycle', () => {
  const visit = (name: string, path: readonly string[]): void => {
    expect(path, `${[...path, name].join(' → ')} comes back to itself`).not.toContain(name)
    for (const next of ALLOWED[name] ?? []) visit(next, [...path, name])
  }
  for (const name of Object.keys(ALLOWED)) visit(name, [])
})
