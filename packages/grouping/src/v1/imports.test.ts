import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const folder = import.meta.dirname
const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

/** Statements that name a module, however they are spelled. */
const STATEMENT =
  /\b(import|export)\b([^'"`;]*?)\bfrom\s*['"`]([^'"`]+)['"`]|\b(?:import|require)\s*\(?\s*['"`]([^'"`]+)['"`]/g

function modulesOf(source: string): { name: string; isType: boolean }[] {
  return [...source.matchAll(STATEMENT)].map(([, , clause, from, bare]) => ({
    name: from ?? bare ?? '',
    isType: clause?.trim().startsWith('type ') === true,
  }))
}

function isAllowed({ name, isType }: { name: string; isType: boolean }): boolean {
  if (name === 'node:crypto') return true
  if (name.startsWith('@rumen/protocol/')) return isType
  return /^\.\/[a-z0-9-]+\.ts$/.test(name) && sources.includes(name.slice('./'.length))
}

describe('mechanism v1 depends on nothing that may change: its own folder, node:crypto and the event’s types', () => {
  test.each(sources)('%s', (name) => {
    const foreign = modulesOf(readFileSync(join(folder, name), 'utf8')).filter((module) => !isAllowed(module))
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
    `require("lodash")`,
    `import {\n  d,\n} from 'valibot'`,
  ].join('\n')
  expect(
    modulesOf(source)
      .filter((module) => !isAllowed(module))
      .map((module) => module.name),
  ).toEqual(['../title.ts', '@rumen/protocol/event', './x.ts', '../y.ts', '../z.ts', 'lodash', 'valibot'])
  expect(modulesOf(source)).toHaveLength(8)
})
