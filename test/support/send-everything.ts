import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { CAPTURED_AT_MS } from '../fixtures/move-times.ts'
import { readFixtures } from '../fixtures/read-fixtures.ts'
import { addProject } from './add-project.ts'
import { mixedLoad } from './mixed-load.ts'
import { postEnvelope } from './post-event.ts'
import type { Stack } from './start-stack.ts'

/** Not the one that comes twice in different bytes: which of the two archives becomes the report depends on a worker's batches. */
const FIXTURES = readFixtures().filter(({ name }) => name !== 'strange/same-twice')

const CLIENTS = 16
const MINUTE_MS = 60_000

const ENCODINGS: readonly (readonly [name: string | null, encode: (body: Buffer) => Buffer])[] = [
  [null, (body) => body],
  ['gzip', (body) => gzipSync(body)],
  ['deflate', (body) => deflateSync(body)],
  ['br', (body) => brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ['zstd', (body) => zstdCompressSync(body)],
]

/** Every fixture, each to a project of its own and in one encoding or another, and as many events of a mixed load. */
export async function sendEverything(stack: Stack, { eventsCount }: { eventsCount: number }): Promise<void> {
  await each(FIXTURES.entries(), async ([at, fixture]) => {
    const project = await addProject(stack, `fixture ${at}`)
    const [name, encode] = ENCODINGS[at % ENCODINGS.length] ?? ENCODINGS[0] ?? [null, (body: Buffer) => body]
    const delayMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - CAPTURED_AT_MS
    for (const { path, query, headers, body } of fixture.requests) {
      const url = new URL(`/api/${project.id}/${path}`, stack.gatewayUrl)
      url.search = String(new URLSearchParams({ sentry_key: project.publicKey, ...query }))
      const sent = { ...headers, ...(name === null ? {} : { 'content-encoding': name }) }
      const bytes = new Uint8Array(encode(body(delayMs)))
      await untilAnswered(() => fetch(url, { method: 'POST', body: bytes, headers: sent }))
    }
  })
  const projects = [
    await addProject(stack, 'Load A'),
    await addProject(stack, 'Load B'),
    await addProject(stack, 'Load C'),
  ]
  // Not those that came before in other bytes, for the same reason.
  const { requests } = mixedLoad({ eventsCount, issuesCount: 60 })
  const once = requests.filter(({ headers }) => headers['content-encoding'] === undefined)
  await each(once.values(), async ({ project, body, headers }) => {
    const to = projects[project]
    if (!to) throw new Error(`there is no project ${project}`)
    await untilAnswered(() => postEnvelope(stack.gatewayUrl, to, body, headers))
  })
}

const ATTEMPTS_MAX = 50

/** A gateway whose database is slow refuses, or hangs up; the same bytes again are the same archive. */
async function untilAnswered(post: () => Promise<Response>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const response = await post().catch((error: unknown) => {
      if (attempt === ATTEMPTS_MAX) throw error
      return null
    })
    await response?.arrayBuffer()
    if (response && response.status < 500) return
    if (attempt === ATTEMPTS_MAX) throw new Error(`answered ${response?.status}`)
  }
}

async function each<Item>(items: IterableIterator<Item>, take: (item: Item) => Promise<void>): Promise<void> {
  const client = async () => {
    for (const item of items) await take(item)
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}
