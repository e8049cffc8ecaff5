import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = import.meta.dirname
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
)

/** Statements that name a module, however they are spelled. */
const STATEMENT =
  /\b(import|export)\b([^'"`;]*?)\bfrom\s*['"`]([^'"`]+)['"`]|\b(?:import|require)\s*\(?\s*['"`]([^'"`]+)['"`]/g

function modulesOf(source: string): { name: string; isType: boolean }[] {
  return [...source.matchAll(STATEMENT)].map(([, , clause, from, bare]) => ({
    name: from ?? bare ?? '',
    isType: clause?.trim().startsWith('type ') === true,
  }))
}

function isAllowed({ name, isType }: { name: string; isType: boolean }, importer: string): boolean {
  if (name === 'node:crypto') return true
  if (name.startsWith('@rumen/protocol/')) return isType
  return name.startsWith('.') && sources.includes(relative(folder, resolve(folder, dirname(importer), name)))
}

describe('mechanism v1 depends on nothing that may change: its own folder, node:crypto and the event’s types', () => {
  test.each(sources)('%s', (name) => {
    const modules = modulesOf(readFileSync(join(folder, name), 'utf8'))
    const foreign = modules.filter((module) => !isAllowed(module, name))
    expect(foreign, 'copy what v1 needs into its folder: a later change there would regroup every project').toEqual([])
  })

  test.each(sources)('%s reads no clock, no chance and no environment', (name) => {
    expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(
      /\b(?:Date\.now|new Date|Math\.random|performance\.now|process\.\w|globalThis|Intl\.|toLocale\w*|localeCompare)/,
    )
  })
})

test('the check sees every spelling of an import', () => {
  const source = [
    `import { a } from '../title.ts'`,
    `import type { B } from '@rumen/protocol/event'`,
    `import { c } from '@rumen/protocol/event'`,
    `import './x.ts'`,
    `export * from '../y.ts'`,
    `await import('../z.ts')`,
    `import { parseRules } from '../../rules/parse-rules.ts'`,
    `import { familyOf } from '../family.ts'`,
    `require("lodash")`,
    `import {\n  d,\n} from 'valibot'`,
  ].join('\n')
  const foreign = modulesOf(source).filter((module) => !isAllowed(module, 'place/places.ts'))
  expect(foreign.map((module) => module.name)).toEqual([
    ...['../title.ts', '@rumen/protocol/event', './x.ts', '../y.ts', '../z.ts', '../../rules/parse-rules.ts'],
    ...['lodash', 'valibot'],
  ])
  expect(modulesOf(source)).toHaveLength(10)
})
