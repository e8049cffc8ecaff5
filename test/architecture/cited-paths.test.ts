import { existsSync } from 'node:fs'
import { join } from 'node:path/posix'
import { parseSync } from 'oxc-parser'
import { expect, test } from 'vitest'
import { absolute, files, lineAt, read } from './repository.ts'
import { workspaces } from './workspaces.ts'

interface Citation {
  path: string
  offset: number
}

/** Pages that describe the present. CHANGELOG.md tells of the past, where paths may be gone. */
const pages = files.filter((path) => path.endsWith('.md') && path !== 'CHANGELOG.md' && !path.includes('/fixtures/'))
const commented = files.filter((path) => /\.(ts|mjs|sql|yaml)$|^\.ci\//.test(path) && !path.includes('/fixtures/'))

/** A path from the root: it starts with one of our folders. `<name>` and `*` stand for anything. */
const FROM_ROOT = /(?<![\w@./-])(?:apps|packages|test|docs|drizzle|docker|\.ci)\/[\w./*<>-]*[\w*>/]/g
const OUR_MODULE = /@rumen\/[a-z-]+\/[\w-]+/g
const BARE_FILE = /^[\w.*<>-]+\.(?:ts|mts|mjs|json|md|sql|yaml|example)$/

function matchesOf(pattern: RegExp, text: string, base = 0): Citation[] {
  return [...text.matchAll(pattern)].map((match) => ({ path: match[0], offset: base + match.index }))
}

/** `code`, fenced blocks, and the targets of links; prose is left alone. */
function citedOnPage(page: string, text: string): Citation[] {
  const code = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)].flatMap((span) => {
    const inside = span[0].replaceAll('`', '')
    const bare = BARE_FILE.test(inside) ? [{ path: inside, offset: span.index }] : []
    return [...bare, ...citedInText(span[0], span.index)]
  })
  const links = [...text.matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)/g)].map((link) => ({
    path: join(page, '..', link[1] ?? ''),
    offset: link.index,
  }))
  return [...code, ...links]
}

function citedInText(text: string, base: number): Citation[] {
  return [...matchesOf(FROM_ROOT, text, base), ...matchesOf(OUR_MODULE, text, base)]
}

function commentsOf(file: string, text: string): { value: string; start: number }[] {
  if (/\.(ts|mjs)$/.test(file)) return parseSync(file, text).comments
  const lines = file.endsWith('.sql') ? /--.*$/gm : /(?<=^|\s)#.*$/gm
  return [...text.matchAll(lines)].map((match) => ({ value: match[0], start: match.index }))
}

function isThere({ path }: Citation): boolean {
  if (path.startsWith('@rumen/')) {
    const [scope, name, module] = path.split('/')
    const target = workspaces.find(({ manifest }) => manifest.name === `${scope}/${name}`)
    return target !== undefined && files.includes(`${target.folder}/src/${module}.ts`)
  }
  const pattern = path.replaceAll(/<[^<>]*>/g, '*').replace(/\/$/, '')
  if (!pattern.includes('*') && existsSync(absolute(pattern))) return true
  // A folder is there when something lies in it. Asked of the list, not of the disk: a hundred times as fast.
  const steps = pattern.split('**').map((part) => part.split('*').map(escaped).join('[^/]*'))
  const anywhere = BARE_FILE.test(path) ? '(?:(?:apps|packages|test|docs|drizzle|docker)/(?:.*/)?)?' : ''
  const wanted = new RegExp(`^${anywhere}${steps.join('.*')}(?:/|$)`)
  return files.some((file) => wanted.test(file))
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&')
}

function missing(file: string, text: string, cited: readonly Citation[]): string[] {
  return cited
    .filter((citation) => !isThere(citation))
    .map(({ path, offset }) => `${file}:${lineAt(text, offset)} cites ${path}`)
}

test('every path a page cites exists', () => {
  const gone = pages.flatMap((page) => {
    const text = read(page)
    return missing(page, text, citedOnPage(page, text))
  })
  expect(gone, 'write the path as it is now, or <name> for a part that varies').toEqual([])
})

test('every path a comment cites exists', () => {
  const gone = commented.flatMap((file) => {
    const text = read(file)
    return missing(
      file,
      text,
      commentsOf(file, text).flatMap(({ value, start }) => citedInText(value, start)),
    )
  })
  expect(gone, 'write the path as it is now, or say it without a path').toEqual([])
})

test('every script a page tells the reader to run exists', () => {
  const [root] = workspaces.filter(({ folder }) => folder === '')
  const scripts = Object.keys(root?.manifest.scripts ?? {})
  const gone = pages.flatMap((page) => {
    const text = read(page)
    const spans = [...text.matchAll(/```[\s\S]*?```|`[^`\n]+`/g)]
    return spans.flatMap((span) =>
      [...span[0].matchAll(/(?:\bpnpm(?:@[\d.]+)?(?: run)?|\bnpm(?: run)?) ([a-z][a-z:-]*)/g)]
        .filter(([, name = '']) => !['install', 'exec', 'add', 'deploy', ...scripts].includes(name))
        .map(([command]) => `${page}:${lineAt(text, span.index)} names ${command}`),
    )
  })
  expect(gone, 'name a script of the root package.json').toEqual([])
})
