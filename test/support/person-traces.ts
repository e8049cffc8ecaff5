import { randomUUID } from 'node:crypto'
import { decode, parseContentEncoding } from '@rumen/protocol/content-encoding'
import type { Sql } from 'postgres'
import { frame, makeEnvelope, makeEvent } from './post-event.ts'

const BYTES_MAX = 100 * 1024 * 1024

/** Each of them is looked for in everything that is left. */
export const ADA = {
  id: 'ada-1815-12-10',
  email: 'ada.lovelace@example.org',
  username: 'lovelace.ada',
  ip: '203.0.113.77',
}
export const BOB = { id: 'bob-1815-11-02', email: 'bob.boole@example.org', username: 'boole.bob', ip: '203.0.113.78' }
type Person = typeof ADA

export const userOf = ({ ip, ...rest }: Person) => ({ ...rest, ip_address: ip })

function lines(...items: readonly (readonly [object, object])[]): string {
  return items
    .flat()
    .map((line) => JSON.stringify(line))
    .join('\n')
}

/** Everything a person leaves in one envelope or beside it; gives the bodies. */
export function tracesOf(user: Person, bug: string): string[] {
  const event = makeEvent({
    user: userOf(user),
    release: 'shop@1',
    server_name: `laptop of ${user.username}`,
    transaction: `/users/${user.id}/orders`,
    tags: { customer: user.email, flavour: 'sour', note: `for ${user.email}, who waits` },
    exception: {
      values: [{ type: bug, value: `no mail for ${user.email}`, stacktrace: { frames: [frame(`${bug}.js`, 'main')] } }],
    },
  })
  const [sid, started] = [randomUUID(), new Date()]
  const session = { sid, did: user.id, started, timestamp: started, attrs: { release: 'shop@1' } }
  const transaction = { event_id: randomUUID().replaceAll('-', ''), transaction: 'GET /', user: userOf(user) }
  const apart = (item: readonly [object, object]) => lines([{}, item[0]], [item[1], {}]).replace(/\n\{\}$/, '')
  const log = {
    level: 'error',
    body: `hello ${bug}`,
    attributes: { 'user.id': { value: user.id, type: 'string' }, 'user.email': { value: user.email, type: 'string' } },
  }
  return [
    [makeEnvelope(event), lines([{ type: 'attachment', filename: 'a.txt' }, { of: user.email }])].join('\n'),
    apart([{ type: 'session' }, session]),
    apart([{ type: 'transaction' }, { ...transaction, start_timestamp: 1, timestamp: 2 }]),
    apart([{ type: 'user_report' }, { event_id: event.event_id, comments: 'it broke', name: 'me' }]),
    apart([{ type: 'user_report' }, { event_id: randomUUID(), comments: `mine ${bug}`, email: user.email }]),
    apart([{ type: 'replay_event' }, { user: userOf(user), replay_id: randomUUID() }]),
    apart([{ type: 'log' }, { items: [log] }]),
    apart([{ type: 'event' }, makeEvent({ user: { id: user.id }, exception: { values: [{ type: `${bug}Early` }] } })]),
  ]
}

/** Every row of every table but the ledger, which has numbers, as text, and bodies decoded; by table. */
export async function textsOf(
  { sql }: { sql: Sql },
  { id }: { id: string },
): Promise<readonly (readonly [string, string])[]> {
  const tables = await sql<{ name: string }[]>`
    SELECT relname AS name FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'project_id'
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
      AND relname NOT LIKE 'outcome%'`
  const texts: (readonly [string, string])[] = []
  for (const { name } of tables) {
    const rows = await sql<
      { text: string }[]
    >`SELECT one::text AS text FROM ${sql(name)} AS one WHERE project_id = ${id}`
    texts.push(...rows.map(({ text }) => [name, text] as const))
  }
  const bodies = await sql<{ body: Buffer; encoding: string }[]>`
    SELECT body, encoding FROM archive WHERE project_id = ${id} AND body IS NOT NULL
    UNION ALL SELECT body, encoding FROM keeper WHERE project_id = ${id}`
  const decoded = bodies.map(({ body, encoding }) => decode(body, parseContentEncoding(encoding), BYTES_MAX).toString())
  return [...texts, ...decoded.map((text) => ['body', text] as const)]
}

/** Tables in which a person's names still stand. */
export async function tracesIn(stack: { sql: Sql }, project: { id: string }, user: Person): Promise<string[]> {
  const found = (await textsOf(stack, project)).filter(([, text]) =>
    Object.values(user).some((name) => text.includes(name)),
  )
  return [...new Set(found.map(([table]) => table))].toSorted()
}
