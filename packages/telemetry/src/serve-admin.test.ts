import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type AdminAnswers, type AdminServer, serveAdmin } from './serve-admin.ts'

const HOST = '127.0.0.1'
const served: AdminServer[] = []

afterEach(() => Promise.all(served.splice(0).map(({ close }) => close())))

/** An admin port of something that is well; what is given wins. */
async function serve(given: Partial<AdminAnswers> = {}, port = 0): Promise<AdminServer> {
  const metrics = { text: async () => 'rumen_up 1\n', contentType: 'text/plain; version=0.0.4; charset=utf-8' }
  const answers = {
    health: () => ({ code: 200, body: { status: 'ok' } }) as const,
    isReady: () => true,
    metrics,
    ...given,
  }
  const server = await serveAdmin(answers, { host: HOST, port, portVariable: 'SOME_ADMIN_PORT' })
  served.push(server)
  return server
}

async function ask({ port }: AdminServer, path: string): Promise<{ code: number; body: unknown }> {
  const response = await fetch(`http://${HOST}:${port}${path}`)
  return { code: response.status, body: await response.json() }
}

test('health is what it is at the moment of the question, with its code', async () => {
  let code: 200 | 503 = 200
  const server = await serve({ health: () => ({ code, body: { code } }) })
  expect(await ask(server, '/health')).toEqual({ code: 200, body: { code: 200 } })
  code = 503
  expect(await ask(server, '/health?from=here')).toEqual({ code: 503, body: { code: 503 } })
})

test('ready says whether work should be sent', async () => {
  expect(await ask(await serve(), '/ready')).toEqual({ code: 200, body: { ready: true } })
  expect(await ask(await serve({ isReady: () => false }), '/ready')).toEqual({ code: 503, body: { ready: false } })
})

test('metrics are served as Prometheus reads them', async () => {
  const response = await fetch(`http://${HOST}:${(await serve()).port}/metrics`)
  expect([response.status, await response.text()]).toEqual([200, 'rumen_up 1\n'])
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
})

test('what fails to answer costs one answer, not the process', async () => {
  const broken = { text: () => Promise.reject(new Error('secret')), contentType: 'text/plain' }
  const server = await serve({ metrics: broken })
  expect(await ask(server, '/metrics')).toEqual({ code: 500, body: { detail: 'internal error' } })
  expect((await ask(server, '/ready')).code).toBe(200)
})

test.for(['/', '/api/1/envelope/', '/health/x'])('%s is not found here', async (path) => {
  expect(await ask(await serve(), path)).toEqual({ code: 404, body: { detail: 'not found' } })
})

test('it closes although somebody keeps a connection open', async () => {
  const server = await serve()
  const socket = connect(server.port, HOST)
  const closed = new Promise((resolve) => socket.once('close', resolve))
  await ask(server, '/health')
  await server.close()
  await closed
  await expect(ask(server, '/health')).rejects.toThrow()
})

test('a taken port is a sentence that names the variable', async () => {
  const { port } = await serve()
  await expect(serve({}, port)).rejects.toThrow(`port ${port} is taken: set SOME_ADMIN_PORT to another`)
})
