import { connect, createServer, type Socket } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { createReleasers } from '../support/releasers.ts'
import { startStack } from '../support/start-stack.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { allDigested } from './all-digested.ts'
import { balanced, readBooks } from './books.ts'
import { spoolSettings } from './spool-settings.ts'

const CLIENTS = 20
const CUTS = 6

const releasers = createReleasers()

afterAll(() => releasers.releaseAll())

/** Stands before PostgreSQL and can close every connection without a word, as a killed backend or a proxy does. */
async function startSilencer(databaseUrl: string) {
  const target = new URL(databaseUrl)
  const clients = new Map<Socket, Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    clients.set(client, upstream)
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
    client.on('close', () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => client.end())
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(databaseUrl)
  url.port = String(typeof address === 'object' ? address?.port : '')
  return {
    url: url.href,
    /** What is on its way to either side is lost with it. */
    hangUp() {
      for (const [client, upstream] of clients) {
        upstream.destroy()
        client.end()
      }
    },
    async close() {
      for (const [client] of clients) client.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a database whose connections close without a word costs no event, whether it is received or drained', async () => {
  const stack = await startStack({ gateways: 0, workers: 0 })
  releasers.add(stack.stop)
  const silencer = await startSilencer(stack.databaseUrl)
  releasers.add(silencer.close)
  const spool = await temporaryFolder('rumen-spool-')
  releasers.add(spool.remove)
  const gateway = await stack.addGateway({ ...spoolSettings(spool.path), DATABASE_URL: silencer.url })
  const gatewayUrl = `http://127.0.0.1:${gateway.port}`

  let answered = 0
  let isDone = false
  const refused: number[] = []
  const clients = Array.from({ length: CLIENTS }, async () => {
    while (!isDone) {
      const response = await postEnvelope(gatewayUrl, stack.project, makeEnvelope(makeEvent()))
      await response.arrayBuffer()
      if (response.status === 200) answered++
      else refused.push(response.status)
    }
  })
  for (let cuts = 0; cuts < CUTS; cuts++) {
    const before = answered
    await waitFor('answers', () => answered > before + 50)
    silencer.hangUp()
  }
  isDone = true
  await Promise.all(clients)
  expect(refused).toEqual([])

  await stack.addWorker()
  await allDigested(stack.sql, answered)
  expect(await readBooks(stack.sql)).toEqual(balanced(answered))
}, 90_000)
