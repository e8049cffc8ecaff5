import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { archivedOf } from '../support/archived-of.ts'
import { ask } from '../support/ask.ts'
import { keyed } from '../support/conform.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// Whose address an event came from: headers of proxies are believed from proxies only.

let stack: Stack
let behindProxy: string

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  const gateway = await stack.addGateway({ TRUSTED_PROXIES: '127.0.0.0/8' })
  behindProxy = `http://127.0.0.1:${gateway.port}`
})

afterAll(() => stack?.stop())

async function addressOf(url: string, headers: Readonly<Record<string, string>>): Promise<string> {
  const project = await addProject(stack, `Address ${JSON.stringify(headers)}`)
  const answer = await ask(url, { path: keyed(project, 'envelope/'), headers, body: '{}\n' })
  expect(answer.status, answer.text).toBe(200)
  const [archived] = await archivedOf(stack, project)
  return archived?.row.client
}

describe('a proxy that is trusted names the client in', () => {
  const headers: readonly [name: string, value: string, client: string][] = [
    ['X-Forwarded-For', '203.0.113.9', '203.0.113.9'],
    ['X-Forwarded-For', '2001:db8::9', '2001:db8::9'],
    ['X-Forwarded-For', '203.0.113.9, 127.0.0.2', '203.0.113.9'],
    ['X-Forwarded-For', 'unknown', '127.0.0.1'],
    ['X-Forwarded-For', '', '127.0.0.1'],
  ]
  test.each(headers)('%s: %s', async (name, value, client) => {
    expect(await addressOf(behindProxy, { [name]: value })).toBe(client)
  })
})

describe('anybody else is who it is, whatever it says in', () => {
  test.each([
    'X-Vercel-Forwarded-For',
    'X-Sentry-Forwarded-For',
    'CF-Connecting-IP',
    'X-Forwarded-For',
    'X-Real-IP',
    'Forwarded',
  ])('%s', async (name) => {
    expect(await addressOf(stack.gatewayUrl, { [name]: '203.0.113.9' })).toBe('127.0.0.1')
  })
})
