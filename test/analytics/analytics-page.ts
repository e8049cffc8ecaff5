import { readFileSync } from 'node:fs'
import type { Sql } from 'postgres'

/** The page for analysts; its questions are run, its answers are compared, its tables of columns are written. */
export const PAGE = new URL('../../docs/analytics.md', import.meta.url)

export interface Question {
  /** `1. Where are the errors? …` */
  title: string
  sql: string
  /** As the page shows it; null: none is there yet. */
  answer: string | null
}

const QUESTION =
  /^### (\d+\. .+)\n((?:(?!^### |^## )[^\n]*\n)*?)```sql\n([\s\S]*?)\n```\n(?:\n```\n([\s\S]*?)\n```\n)?/gm
const COLUMNS = /(<!-- columns:[^\n]*-->\n)[\s\S]*?(<!-- \/columns -->)/

export function readPage(): string {
  return readFileSync(PAGE, 'utf8')
}

export function readQuestions(page = readPage()): readonly Question[] {
  return Array.from(page.matchAll(QUESTION), ([, title = '', , sql = '', answer = null]) => ({ title, sql, answer }))
}

/** The page with these answers below its questions, in their order, and these tables of columns. */
export function writePage(page: string, { answers, columns }: { answers: readonly string[]; columns: string }): string {
  let at = 0
  return page
    .replace(QUESTION, (_whole, title: string, words: string, sql: string) => {
      const answer = answers[at++] ?? ''
      return `### ${title}\n${words}\`\`\`sql\n${sql}\n\`\`\`\n\n\`\`\`\n${answer}\n\`\`\`\n`
    })
    .replace(COLUMNS, (_whole, begin: string, end: string) => `${begin}\n${columns}\n${end}`)
}

/** Every view with its columns in their order, from the comments in the database. */
export async function describeViews(sql: Sql): Promise<string> {
  const views = await sql<
    { name: string; comment: string; columns: { name: string; type: string; comment: string }[] }[]
  >`
    SELECT c.relname AS name, obj_description(c.oid, 'pg_class') AS comment, (
      SELECT json_agg(json_build_object(
        'name', attname, 'type', format_type(atttypid, NULL), 'comment', col_description(attrelid, attnum)
      ) ORDER BY attnum)
      FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
    ) AS columns
    FROM pg_class AS c WHERE c.relnamespace = 'analytics'::regnamespace ORDER BY c.relname`
  return views
    .map(({ name, comment, columns }) => {
      const lines = columns.map((one) => `| \`${one.name}\` | ${shortType(one.type)} | ${one.comment} |`)
      return [`### ${name}`, '', comment, '', '| column | type | holds |', '|---|---|---|', ...lines, ''].join('\n')
    })
    .join('\n')
}

function shortType(type: string): string {
  return type === 'timestamp with time zone' ? 'timestamptz' : type
}
