import { expect, test } from 'vitest'
import type { AdminContext } from './admin-app.ts'
import { serveAdmin } from './serve-admin.ts'

const CONTEXT: AdminContext = {
  state: {
    isStopping: () => false,
    canCommit: () => true,
    canSpool: () => false,
    breaker: () => 'closed',
    spool: () => null,
    partitionDaysAhead: () => 14,
    queue: () => null,
    bytesInFlight: () => 0,
    pendingReceipts: () => 0,
    connections: () => 0,
  },
  metrics: { text: async () => 'rumen_up 1\n', contentType: 'text/plain' },
  version: '1.2.3',
}

test('it answers over a socket, and closes although somebody keeps a connection open', async () => {
  const served = await serveAdmin(CONTEXT, { host: '127.0.0.1', port: 0 })
  const response = await fetch(`http://127.0.0.1:${served.port}/health`)
  expect(await response.json()).toMatchObject({ status: 'ok', role: 'gateway' })
  await served.close()
  await expect(fetch(`http://127.0.0.1:${served.port}/health`)).rejects.toThrow()
})

test('a taken port is a sentence that names the variable', async () => {
  const served = await serveAdmin(CONTEXT, { host: '127.0.0.1', port: 0 })
  const again = serveAdmin(CONTEXT, { host: '127.0.0.1', port: served.port })
  await expect(again).rejects.toThrow(`port ${served.port} is taken: set GATEWAY_ADMIN_PORT to another`)
  await served.close()
})
