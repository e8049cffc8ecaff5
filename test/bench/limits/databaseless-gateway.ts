import { hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { createAdaptorServer, type HttpBindings } from '@hono/node-server'
import { readAuthentication } from '@rumen/protocol/authentication'
import { compress, parseContentEncoding } from '@rumen/protocol/content-encoding'
import { readEnvelopeHeader } from '@rumen/protocol/envelope-header'
import { HEADER_BYTES_MAX } from '@rumen/protocol/limits'
import { matchDsn } from '@rumen/protocol/match-dsn'
import { parseProjectId } from '@rumen/protocol/project-id'
import { Hono } from 'hono'

// The accept path without its commit: what a gateway answers at most when nothing has to be kept. Framework, key,
// header and hash as in the real one; the key it is started with is the only one it knows.
const [, , knownKey = ''] = process.argv

const app = new Hono<{ Bindings: HttpBindings }>()
app.post('/api/:project/envelope/', async (c) => {
  const { incoming } = c.env
  const projectId = parseProjectId(c.req.param('project'))
  const url = incoming.url ?? ''
  const start = url.indexOf('?')
  const authentication = readAuthentication({
    sentryAuth: String(incoming.headers['x-sentry-auth'] ?? ''),
    authorization: incoming.headers.authorization,
    query: start === -1 ? '' : url.slice(start + 1),
  })
  if (authentication?.publicKey !== knownKey) return c.json({ detail: 'unknown key' }, 403)
  const codings = parseContentEncoding(incoming.headers['content-encoding'])
  const body = await read(incoming)
  const header = readEnvelopeHeader(body, codings, HEADER_BYTES_MAX)
  matchDsn(header.dsn, { publicKey: authentication.publicKey, projectId })
  const address = hash('sha256', codings.length === 0 ? compress(body) : body, 'buffer')
  const headers = { 'Content-Type': 'application/json', 'Access-Control-Allow-Origin': '*' }
  return new Response(JSON.stringify({ id: header.eventId }), { status: address.length === 32 ? 200 : 500, headers })
})

function read(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    incoming.on('data', (chunk) => chunks.push(chunk))
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
    incoming.on('error', reject)
  })
}

const server = createAdaptorServer({ fetch: app.fetch })
server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})
process.once('disconnect', () => process.exit())
