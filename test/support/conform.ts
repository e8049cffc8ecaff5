import { expect } from 'vitest'
import { type AddedProject, addProject } from './add-project.ts'
import { type Answer, ask, type WireRequest } from './ask.ts'
import { brokenPromises } from './broken-promises.ts'
import { type Digest, digestOf, type ItemTable, itemRowsOf } from './digest-of.ts'
import type { Stack } from './start-stack.ts'

/** One row of the wire protocol's tables: what is sent, and what must come of it. */
export interface Case {
  /** The guarantee. */
  name: string
  request: (to: AddedProject) => WireRequest
  status: number
  /** Of the answer, as JSON where it is JSON; asymmetric matchers are welcome. */
  body?: unknown
  /** Compared one by one; null: the header is absent. */
  headers?: Readonly<Record<string, string | RegExp | null>>
  /** What the worker makes of it; the parts named are compared. */
  digest?: {
    reports?: readonly Readonly<Record<string, unknown>>[]
    errors?: Digest['errors']
    outcomes?: Digest['outcomes']
    /** Of each table that is named: so many rows, with these columns among others. */
    rows?: Readonly<Partial<Record<ItemTable, readonly Readonly<Record<string, unknown>>[]>>>
  }
}

/** Where the cases knock. */
export interface Door {
  stack: Stack
  /** A gateway with settings of its own; the stack's first one unless given. */
  url?: string
  /** For cases that look at the answer alone; those with a digest get a project of their own. */
  project: AddedProject
}

/** Sends the case's request and fails the test where the answer, or the digest of it, is another than promised. */
export async function conform(door: Door, one: Case): Promise<Answer> {
  const { stack, url = stack.gatewayUrl } = door
  const project = one.digest ? await addProject(stack, one.name) : door.project
  const answer = await ask(url, one.request(project))
  expect(answer.status, answer.text).toBe(one.status)
  expect(brokenPromises(answer)).toEqual([])
  if (one.body !== undefined) expect(answer.body).toEqual(one.body)
  for (const [name, value] of Object.entries(one.headers ?? {})) {
    const given = answer.headers.get(name)
    if (value instanceof RegExp) expect(given, name).toMatch(value)
    else expect(given, name).toBe(value)
  }
  if (one.digest) {
    expectDigest(await digestOf(stack, project), one.digest)
    for (const [table, rows] of Object.entries(one.digest.rows ?? {})) {
      const found = await itemRowsOf(stack, project, table as ItemTable)
      expect(found, table).toHaveLength(rows.length)
      expect(found, table).toMatchObject(rows)
    }
  }
  return answer
}

function expectDigest(digest: Digest, { reports, errors, outcomes }: NonNullable<Case['digest']>): void {
  if (outcomes) expect(digest.outcomes).toEqual(outcomes)
  if (errors) expect(digest.errors).toEqual(errors)
  if (!reports) return
  expect(digest.reports).toHaveLength(reports.length)
  expect(digest.reports).toMatchObject(reports)
}

/** The body of an error: Relay's sentence, and what exactly was wrong where that is promised. */
export function error(detail: string, ...causes: readonly string[]): unknown {
  return causes.length > 0 ? { detail, causes } : expect.objectContaining({ detail })
}

/** `/api/<project>/<rest>` with the project's key in the query. */
export function keyed({ id, publicKey }: AddedProject, rest: string, query = ''): string {
  return `/api/${id}/${rest}?sentry_key=${publicKey}${query}`
}

/** Headers, items and payloads, one to a line: objects as JSON, text as it stands. */
export function lines(...parts: readonly (string | Readonly<Record<string, unknown>>)[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join('\n')
}

/** 32 hexadecimal characters, as the gateway answers an event id. */
export const HEX_ID = /^[0-9a-f]{32}$/
