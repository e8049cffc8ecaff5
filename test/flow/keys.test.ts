import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createKey } from '@rumen/db/project/create-key'
import { setKeyLimit } from '@rumen/db/project/set-key-limit'
import { setLimits } from '@rumen/db/project/set-limits'
import { type Dsn, parseDsn } from '@rumen/protocol/dsn'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'

/** Issue 3: effective in a second, long before the minute after which a remembered answer is asked for again. */
const NOTICED_MS_MAX = 1_000
/** A command is a process that loads its own code: half a second of it where nothing else runs. */
const COMMANDS_MS_MAX = 90_000

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
})

afterAll(() => stack.stop())

interface Ended {
  code: number | null
  output: string
  errors: string
}

/** The real command line, on the stack's database. */
async function rumen(...words: readonly string[]): Promise<Ended> {
  const program = fileURLToPath(new URL('../../apps/cli/src/main.ts', import.meta.url))
  const child = spawn(process.execPath, [program, ...words], {
    env: { PATH: process.env.PATH, DATABASE_URL: stack.databaseUrl, PUBLIC_URL: stack.gatewayUrl },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = { output: '', errors: '' }
  child.stdout.on('data', (text) => (ended.output += text))
  child.stderr.on('data', (text) => (ended.errors += text))
  const [code] = await once(child, 'close')
  return { code: code as number | null, ...ended }
}

async function succeed(...words: readonly string[]): Promise<string> {
  const { code, output, errors } = await rumen(...words)
  expect([code, errors]).toEqual([0, ''])
  return output.trim()
}

async function statusOf({ projectId, publicKey }: Dsn): Promise<number> {
  const response = await postEnvelope(stack.gatewayUrl, { id: projectId, publicKey }, makeEnvelope(makeEvent()))
  await response.arrayBuffer()
  return response.status
}

/** Sends one event after the other and keeps every status but 200. */
function sendSteadily(dsn: Dsn): { sent(): number; stop(): Promise<readonly number[]> } {
  const stopping = new AbortController()
  const others: number[] = []
  let sent = 0
  const loop = async () => {
    while (!stopping.signal.aborted) {
      const status = await statusOf(dsn)
      sent++
      if (status !== 200) others.push(status)
    }
    return others
  }
  const finished = loop()
  return {
    sent: () => sent,
    stop() {
      stopping.abort()
      return finished
    },
  }
}

test(
  'a project takes events with a second key, and a revoked one is refused within a second while the other goes on',
  async () => {
    const project = await addProject(stack, 'Two keys')
    const first = parseDsn(project.dsn)
    const second = parseDsn(await succeed('key', 'create', '--project', project.id))
    expect([await statusOf(first), await statusOf(second)]).toEqual([200, 200])
    const sending = sendSteadily(second)
    await succeed('key', 'revoke', first.publicKey, '--project', project.id, '--yes')
    await waitFor('the refusal', async () => (await statusOf(first)) === 403, NOTICED_MS_MAX)
    const sentBefore = sending.sent()
    await waitFor('more of the other', () => sending.sent() > sentBefore + 10)
    expect(await sending.stop(), 'no event with the other key was refused').toEqual([])
    await createKey(stack.db, { projectId: project.id, publicKey: first.publicKey })
    await waitFor('the key that came back', async () => (await statusOf(first)) === 200, NOTICED_MS_MAX)
  },
  COMMANDS_MS_MAX,
)

test(
  'a rotated project takes events with the new DSN alone, within a second',
  async () => {
    const project = await addProject(stack, 'Rotated')
    const old = parseDsn(project.dsn)
    expect(await statusOf(old)).toBe(200)
    const rotated = JSON.parse(await succeed('key', 'rotate', '--project', project.id, '--yes', '--json'))
    const fresh = parseDsn(rotated.dsn)
    expect(fresh).toEqual({ publicKey: rotated.key, projectId: project.id })
    expect(await statusOf(fresh)).toBe(200)
    await waitFor('the refusal of the old one', async () => (await statusOf(old)) === 403, NOTICED_MS_MAX)
  },
  COMMANDS_MS_MAX,
)

test('limits hold in a running gateway within a second, and no longer once they are taken away', async () => {
  const project = await addProject(stack, 'Limited')
  const dsn = parseDsn(project.dsn)
  const isLimited = async () => (await Promise.all(Array.from({ length: 8 }, () => statusOf(dsn)))).includes(429)
  expect(await isLimited()).toBe(false)
  for (const [whose, limit] of [
    ['of the project', (rate: number | null) => setLimits(stack.db, project.id, { ratePerSec: rate })],
    ['of the key', (rate: number | null) => setKeyLimit(stack.db, { ...dsn }, rate)],
  ] as const) {
    await limit(1)
    await waitFor(`the limit ${whose}`, isLimited, NOTICED_MS_MAX)
    await limit(null)
    await waitFor(`the end of the limit ${whose}`, async () => !(await isLimited()), NOTICED_MS_MAX)
  }
})

test(
  'what cannot be done is one sentence and exit code 1',
  async () => {
    const missing = await rumen('key', 'revoke', 'f'.repeat(32), '--project', '1', '--yes')
    expect(missing).toEqual({ code: 1, output: '', errors: 'rumen: project 1 has no such key\n' })
  },
  COMMANDS_MS_MAX,
)
