import { expect, test } from 'vitest'
import { files, read } from './repository.ts'
import { workspaces } from './workspaces.ts'

/** Names that say nothing about what is inside, so everything ends up there. */
const DRAWER = /(^|\/)(utils?|helpers?|common|shared|misc|lib|core|types|index)(\.(test\.)?[a-z]+)?(\/|$)/

test('no file or folder is a drawer', () => {
  const drawers = files.filter((path) => !path.includes('/fixtures/') && DRAWER.test(path))
  expect(drawers, 'name the file after its main export; a helper with one caller lives with its caller').toEqual([])
})

test('the map in the README shows every package and every folder', () => {
  const packages = workspaces.map(({ folder }) => folder).filter((folder) => folder.includes('/'))
  const topLevel = files.flatMap((path) => /^(?!\.|apps\/|packages\/)[^/]+(?=\/)/.exec(path)?.[0] ?? [])
  const map = read('README.md')
  const unnamed = [...new Set([...packages, ...topLevel])].filter((folder) => !map.includes(`\`${folder}\``))
  expect(
    unnamed,
    'add a line for it, in backticks, to the map of folders in README.md, or take the folder away',
  ).toEqual([])
})

test('every package says in one line what it is for', () => {
  const silent = workspaces.filter(({ manifest }) => !manifest.description)
  expect(
    silent.map(({ path }) => path),
    'write "description" in its package.json',
  ).toEqual([])
})
