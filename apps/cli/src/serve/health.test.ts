import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { readSettings } from '@rumen/config/read-settings'
import { afterEach, expect, test, vi } from 'vitest'
import { healthCommand } from './health.ts'

const servers: Server[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve))
})

/** An admin port on which `/ready` answers so, and everything else the other way round. */
async function serveReady(status: 200 | 503): Promise<number> {
  const server = createServer(({ url }, response) => {
    response.writeHead(url === '/ready' ? status : status === 200 ? 503 : 200, { connection: 'close' }).end('{}')
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on no port')
  return address.port
}

/** A port that is nobody's any more. */
async function nobodysPort(): Promise<number> {
  const port = await serveReady(200)
  await new Promise((resolve) => servers.pop()?.close(resolve))
  return port
}

async function health(gateway: number, worker: number, host = '127.0.0.1'): Promise<string[]> {
  const said: string[] = []
  vi.spyOn(console, 'log').mockImplementation((line) => said.push(line))
  const ports = { GATEWAY_ADMIN_PORT: `${gateway}`, WORKER_ADMIN_PORT: `${worker}` }
  await healthCommand([], readSettings({ ...ports, ADMIN_HOST: host }))
  return said
}

test('it asks those who are there, whatever address they listen on', async () => {
  const [gateway, nobody] = [await serveReady(200), await nobodysPort()]
  expect(await health(gateway, nobody)).toEqual(['gateway: ready'])
  expect(await health(nobody, gateway, '0.0.0.0')).toEqual(['worker: ready'])
  expect(await health(gateway, await serveReady(200))).toEqual(['gateway: ready\nworker: ready'])
})

test('one that is not ready fails it, whoever else is', async () => {
  const [gateway, worker] = [await serveReady(503), await serveReady(200)]
  await expect(health(gateway, worker)).rejects.toThrow('the gateway is not ready (503)')
})

test('with nobody there nothing is well', async () => {
  const nobody = await nobodysPort()
  await expect(health(nobody, nobody)).rejects.toThrow('no process of Rumen answers on this machine')
})

test('one that closes the connection without a word is not ready', async () => {
  const server = createServer(({ socket }) => socket.destroy())
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  await expect(health(port, await nobodysPort())).rejects.toThrow('the gateway is not ready (no answer)')
})
