import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { type Case, conform, type Door, keyed, lines } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { CSP_REPORT } from './routes.ts'

// Envelopes of Sentry's protocol, edge cases 10 to 28, 32, 34 and 39: the door looks at the header alone and answers 200,
// whatever follows; where items begin and end is found out by the worker, and a fault costs no item before it.

const ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const HEAD = `{"event_id":"${ID}"}`
const JSON_X = '{"message":"x"}'
const EVENT = `{"type":"event"}\n${JSON_X}`
const FILE = '{"type":"attachment","length":3,"filename":"a.txt"}\nabc'
const LOG = '{"level":"error","body":"y"}'
/** Of the running session of an app, never the same. */
const session = () => {
  const update = { sid: randomUUID(), started: new Date(), attrs: { release: 'shop@1', environment: 'ü' } }
  return `{"type":"session"}\n${JSON.stringify(update)}`
}

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack()
  door = { stack, project: await addProject(stack, 'Items') }
})

afterAll(() => stack?.stop())

interface ItemCase {
  name: string
  /** Behind the header, without the LF between them. */
  items: string | Uint8Array<ArrayBuffer>
  digest: NonNullable<Case['digest']>
}

function testItems(cases: readonly ItemCase[]): void {
  test.each(cases)('$name', async ({ name, items, digest }) => {
    const body = Buffer.concat([Buffer.from(`${HEAD}\n`), Buffer.from(items)])
    const request = (to: AddedProject) => ({ path: keyed(to, 'envelope/'), body })
    await conform(door, { name, request, status: 200, body: { id: ID }, digest })
  })
}

type Rows = NonNullable<ItemCase['digest']['rows']>

/** One event, one report; what became of the items beside it. */
const kept = (beside: Readonly<Record<string, number>> = {}, rows: Rows = {}) => ({
  reports: [{ event_id: ID, title: 'x' }],
  errors: [],
  outcomes: { 'event stored': 1, ...beside },
  rows,
})
/** One event and one file. */
const keptWith = (file: Readonly<Record<string, unknown>>) =>
  kept({ 'attachment stored': 1 }, { attachments: [{ event_id: ID, ...file }] })
const ABC = { name: 'a.txt', size: 3, attachment_type: 'event.attachment' }
const EMPTY = { name: 'unnamed', size: 0 }
/** Nothing of the envelope but a rejection. */
const refused = (...errors: readonly string[]) => ({ reports: [], errors, outcomes: outcomesOf(errors) })
/** The event before the fault stands. */
const keptThen = (error: string) => ({ ...kept(outcomesOf([error])), errors: [error] })

function outcomesOf(errors: readonly string[]): Record<string, number> {
  const types = errors.map((error) => `${error.split(' ')[0]} rejected`)
  return Object.fromEntries(types.map((type) => [type, types.filter((one) => one === type).length]))
}

describe('line ends', () => {
  testItems([
    {
      name: 'row 9: a CR before the LF of an item header is accepted',
      items: `{"type":"event"}\r\n${JSON_X}`,
      digest: kept(),
    },
    { name: 'row 9: two are not', items: `{"type":"event"}\r\r\n${JSON_X}`, digest: refused('envelope bad_framing') },
    { name: 'row 10: a CR behind a payload without length stays in it', items: `${EVENT}\r\n`, digest: kept() },
    { name: 'row 21: one LF at the end is fine', items: `${EVENT}\n`, digest: kept() },
    { name: 'row 22: two are', items: `${EVENT}\n\n`, digest: kept() },
    { name: 'row 22: so are many', items: `${EVENT}\n\n\r\n \n\n`, digest: kept() },
    {
      name: 'row 23: blank lines between items are fine',
      items: `${FILE}\n\n \n${EVENT}`,
      digest: keptWith(ABC),
    },
    {
      name: 'text behind an item header is not',
      items: `{"type":"event"} x\n${JSON_X}`,
      digest: refused('envelope bad_framing'),
    },
    { name: 'an item header may take several lines', items: `{\n"type":"event"\n}\n${JSON_X}`, digest: kept() },
  ])
})

describe('a length', () => {
  const event = (length: unknown) => lines({ type: 'event', length }, JSON_X)
  testItems([
    { name: 'that is right makes a report', items: event(JSON_X.length), digest: kept() },
    { name: 'row 11: beyond the rest is an unexpected end', items: event(99), digest: refused('envelope bad_framing') },
    {
      name: 'row 11: beyond the rest costs no item before it',
      items: `${EVENT}\n${event(99)}`,
      digest: keptThen('envelope bad_framing'),
    },
    {
      name: 'row 12: shorter than the line misses its newline',
      items: event(JSON_X.length - 1),
      digest: refused('envelope bad_framing'),
    },
    {
      name: 'row 12: shorter than the line costs no item before it',
      items: `${EVENT}\n${event(3)}`,
      digest: keptThen('envelope bad_framing'),
    },
    { name: 'row 17: as text is none', items: event('15'), digest: kept() },
    { name: 'row 17: below zero is none', items: event(-1), digest: kept() },
    { name: 'row 17: with a fraction is none', items: event(1.5), digest: kept() },
    { name: 'row 17: beyond all numbers is none', items: `{"type":"event","length":1e999}\n${JSON_X}`, digest: kept() },
    { name: 'row 18: of null is none', items: event(null), digest: kept() },
    {
      name: 'row 19: spans the line feeds of a payload',
      items: `{"type":"event","length":17}\n{\n"message":"x"\n}\n${FILE}`,
      digest: keptWith(ABC),
    },
    {
      name: 'counts bytes, not characters',
      items: `{"type":"event","length":34}\n{"message":"x","server_name":"ü"}\n${session()}`,
      digest: kept({ 'session stored': 1 }, { sessions: [{ status: 'ok' }] }),
    },
    {
      name: 'spans bytes that are no text',
      items: Buffer.concat([
        Buffer.from('{"type":"attachment","length":4}\n'),
        Buffer.from([0xff, 0x00, 0x0a, 0x80]),
        Buffer.from(`\n${EVENT}`),
      ]),
      digest: keptWith({ size: 4, byte_offset: HEAD.length + 1 + '{"type":"attachment","length":4}\n'.length }),
    },
  ])
})

describe('an empty payload', () => {
  testItems([
    {
      name: 'row 13: of length 0 does not swallow the next item',
      items: `{"type":"attachment","length":0}\n\n${EVENT}`,
      digest: keptWith(EMPTY),
    },
    {
      name: 'row 14: of length 0 may end the envelope',
      items: `${EVENT}\n{"type":"attachment","length":0}`,
      digest: keptWith(EMPTY),
    },
    {
      name: 'row 14: of length 0 may end it with a LF',
      items: `${EVENT}\n{"type":"attachment","length":0}\n`,
      digest: keptWith(EMPTY),
    },
    {
      name: 'row 15: is what a header at the very end has',
      items: `${EVENT}\n{"type":"attachment"}`,
      digest: keptWith(EMPTY),
    },
    { name: 'row 15: makes no event', items: '{"type":"event"}', digest: refused('event bad_json') },
    {
      name: 'row 16: may be a blank line',
      items: `{"type":"attachment"}\n\n${EVENT}`,
      digest: keptWith(EMPTY),
    },
  ])
})

describe('JSON on several lines without a length', () => {
  testItems([
    {
      name: 'row 20: is no event, and ends the envelope',
      items: '{"type":"event"}\n{\n"message":"x"}',
      digest: refused('event bad_json', 'envelope bad_item_header'),
    },
    {
      name: 'row 20: costs no item before it',
      items: `${EVENT}\n{"type":"session"}\n{\n"sid":1}`,
      digest: {
        reports: [{ title: 'x' }],
        errors: ['session bad_json', 'envelope bad_item_header'],
        outcomes: { 'event stored': 1, 'session rejected': 1, 'envelope rejected': 1 },
      },
    },
  ])
})

describe('an item', () => {
  testItems([
    {
      name: 'row 24: without a type costs itself only',
      items: `{"kind":"event"}\n{}\n${EVENT}`,
      digest: keptThen('unknown bad_item_header'),
    },
    {
      name: 'row 24: with a type that is no text costs itself only',
      items: `{"type":7}\n{}\n${EVENT}`,
      digest: keptThen('unknown bad_item_header'),
    },
    {
      name: 'row 25: of a type nobody knows is counted',
      items: `{"type":"hologram"}\n{}\n${EVENT}`,
      digest: kept({ 'unknown unsupported': 1 }),
    },
    {
      name: 'row 25: cannot name itself into the ledger',
      items: `{"type":"${'x'.repeat(500)}"}\n{}\n${EVENT}`,
      digest: kept({ 'unknown unsupported': 1 }),
    },
    {
      name: 'row 26: of an attachment type nobody knows is an attachment',
      items: `{"type":"attachment","attachment_type":"x.y","length":1}\nz\n${EVENT}`,
      digest: keptWith({ name: 'unnamed', size: 1, attachment_type: 'event.attachment' }),
    },
    {
      name: 'row 27: of an unknown type may be all there is',
      items: '{"type":"hologram"}\n{}',
      digest: { reports: [], errors: [], outcomes: { 'unknown unsupported': 1 } },
    },
    {
      name: 'row 28: of an internal type is dropped',
      items: `{"type":"integration"}\n{}\n${EVENT}`,
      digest: kept({ 'integration unsupported': 1 }),
    },
    {
      name: 'row 34: whose count of items is wrong costs itself only',
      items: `{"type":"log","item_count":3}\n{"items":[${LOG}]}\n${EVENT}`,
      digest: { reports: [{ event_id: ID, title: 'x' }], outcomes: { 'event stored': 1, 'log rejected': 1 } },
    },
    {
      name: 'row 34: whose count of items is right is a report for each error in it',
      items: `{"type":"log","item_count":2}\n{"items":[${LOG},${LOG.replace('error', 'info')}]}`,
      digest: {
        reports: [{ title: 'y', level: 'error' }],
        errors: [],
        outcomes: { 'log stored': 1, 'log filtered': 1 },
      },
    },
    {
      name: 'row 39: that is an attachment may come late, alone',
      items: FILE,
      digest: {
        reports: [],
        errors: [],
        outcomes: { 'attachment stored': 1 },
        rows: { attachments: [{ event_id: ID, ...ABC }] },
      },
    },
    {
      name: 'that is no JSON object ends the envelope',
      items: `${EVENT}\n[]\n{}`,
      digest: keptThen('envelope bad_item_header'),
    },
    {
      name: 'with a header beyond 64 KiB ends the envelope',
      items: `${EVENT}\n{"type":"${'x'.repeat(65 * 1024)}"}\n{}`,
      digest: keptThen('envelope header_too_large'),
    },
  ])
})

describe('many items', () => {
  const many = (count: number, item: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => item(n)).join('\n')
  const files = (count: number) => many(count, (n) => FILE.replace('a.txt', `${n}.txt`))
  const numbered = (count: number) => Array.from({ length: count }, (_, n) => ({ name: `${n}.txt`, size: 3 }))
  testItems([
    {
      name: 'row 32: 31 attachments cost the event nothing',
      items: `${files(31)}\n${EVENT}`,
      digest: kept({ 'attachment stored': 31 }, { attachments: numbered(31) }),
    },
    {
      name: 'an attachment that stands there twice is one',
      items: `${FILE}\n${FILE}\n${EVENT}`,
      digest: kept({ 'attachment stored': 1, 'attachment duplicate': 1 }, { attachments: [ABC] }),
    },
    {
      name: 'a thousand items are taken',
      items: `${EVENT}\n${many(999, session)}`,
      digest: kept({ 'session stored': 999 }, { sessions: Array(999).fill({ status: 'ok' }) }),
    },
    {
      name: 'what comes behind a thousand is cut off, and said so',
      items: `${EVENT}\n${many(1_005, session)}`,
      digest: {
        ...keptThen('envelope too_many_items'),
        outcomes: { 'event stored': 1, 'session stored': 999, 'envelope rejected': 1 },
      },
    },
  ])
})

describe('all types in one envelope', () => {
  const release = 'shop@1'
  const started = new Date()
  /** Of each type that is kept: an item, its rows, and the reports made of it. */
  const types: readonly [type: string, payload: object, rows: Rows][] = [
    ['transaction', { transaction: 'GET /', start_timestamp: 1, timestamp: 3 }, { transactions: [{ name: 'GET /' }] }],
    ['session', { sid: ID, started, status: 'crashed', attrs: { release } }, { sessions: [{ sid: ID, errors: 1 }] }],
    ['sessions', { aggregates: [{ started, exited: 2 }], attrs: { release } }, {}],
    ['attachment', {}, { attachments: [{ name: 'unnamed', size: 2 }] }],
    [
      'client_report',
      { discarded_events: [{ reason: 'sample_rate', category: 'error', quantity: 3 }] },
      { discards: [{ reason: 'sample_rate', category: 'error', quantity: 3 }] },
    ],
    ['check_in', { monitor_slug: 'nightly', status: 'ok' }, { check_ins: [{ monitor_slug: 'nightly', status: 'ok' }] }],
    ['user_report', { event_id: ID, comments: 'it broke' }, { feedback: [{ event_id: ID, message: 'it broke' }] }],
  ]
  const lost = ['span', 'trace_metric', 'statsd', 'replay_event', 'profile', 'profile_chunk', 'nel', 'hologram']
  const items = types.map(([type, payload]) => lines({ type }, { ...payload }))
  testItems([
    {
      name: 'are kept beside each other',
      items: `${items.join('\n')}\n${EVENT}`,
      digest: kept(
        Object.fromEntries(types.map(([type]) => [`${type} stored`, 1])),
        Object.assign({}, ...types.map(([, , rows]) => rows)),
      ),
    },
    {
      name: 'that are not kept are counted',
      items: `${lost.map((type) => lines({ type }, '{}')).join('\n')}\n${EVENT}`,
      digest: kept(
        Object.fromEntries(lost.map((type) => [`${type === 'hologram' ? 'unknown' : type} unsupported`, 1])),
      ),
    },
    {
      name: 'that make events of their own take nothing from the event beside them',
      items: `${lines({ type: 'raw_security' }, CSP_REPORT)}\n{"type":"log","item_count":1}\n{"items":[${LOG}]}\n${EVENT}`,
      digest: {
        errors: [],
        outcomes: { 'event stored': 1, 'raw_security stored': 1, 'log stored': 1 },
      },
    },
  ])
})
