import { parseSync, Visitor } from 'oxc-parser'
import { lineAt } from './repository.ts'

export interface Import {
  specifier: string
  line: number
}

/** What a source file imports in any way that names a module: static, re-export, dynamic, `import('x').T`. */
export function importsOf(path: string, text: string): Import[] {
  const parsed = parseSync(path, text)
  const [mistake] = parsed.errors
  if (mistake) throw new Error(`${path} does not parse: ${mistake.message}`)

  const found: { value: string; start: number }[] = [
    ...parsed.module.staticImports.map(({ moduleRequest }) => moduleRequest),
    ...parsed.module.staticExports.flatMap(({ entries }) => entries.flatMap((entry) => entry.moduleRequest ?? [])),
  ]
  new Visitor({
    ImportExpression({ source, start }) {
      if (source.type === 'Literal' && typeof source.value === 'string') found.push({ value: source.value, start })
    },
    TSImportType({ source, start }) {
      found.push({ value: source.value, start })
    },
  }).visit(parsed.program)
  return found.map(({ value, start }) => ({ specifier: value, line: lineAt(text, start) }))
}

/** `@rumen/protocol/envelope` → `@rumen/protocol`; `hono/cors` → `hono`. */
export function packageNameOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
