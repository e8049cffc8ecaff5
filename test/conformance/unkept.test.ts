import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AddedProject, addProject } from '../support/add-project.ts'
import { conform, type Door, error, keyed } from '../support/conform.ts'
import { openRawConnection } from '../support/raw-connection.ts'
import { rawPost } from '../support/raw-request.ts'
import { type Stack, startStack } from '../support/start-stack.ts'

// What becomes of an event that nothing durable can take (Sentry's protocol, SDK reactions): most SDKs forget it whatever
// they are told, a few keep what got no answer at all.

const BODY = '{}\n{"type":"event"}\n{"message":"x"}'

let stack: Stack
let door: Door

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  const project = await addProject(stack, 'Unkept')
  door = { stack, project }
  await stack.sql.unsafe(`
    CREATE FUNCTION refuse_archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused by the test'; END $$;
    CREATE TRIGGER refuse_archive BEFORE INSERT ON archive FOR EACH ROW WHEN (NEW.project_id = ${project.id})
    EXECUTE FUNCTION refuse_archive()`)
})

afterAll(() => stack?.stop())

const said = (client: string) => (to: AddedProject) => ({
  path: keyed(to, 'envelope/', `&sentry_client=${client}`),
  body: BODY,
})

describe('503, and no word of when to try again, is the answer to', () => {
  const clients = [
    'sentry.python/2.18.0',
    'sentry.javascript.browser/10.0.0',
    'sentry.php/4.0.0',
    'sentry.go/0.30.0',
    'curl',
    '',
  ]
  test.each(clients)('%j', async (client) => {
    await conform(door, {
      name: client,
      request: said(client),
      status: 503,
      body: error('the event could not be stored'),
      headers: { 'retry-after': null, 'x-sentry-rate-limits': null },
    })
  })
})

describe('no answer is the answer to', () => {
  const clients = ['sentry.java.android/8.0.0', 'sentry.cocoa/8.40.0', 'sentry.dotnet/4.12.0', 'sentry.native/0.7.0']
  test.each(clients)('%s', async (client) => {
    await expect(conform(door, { name: client, request: said(client), status: 503 })).rejects.toThrow('fetch failed')
  })

  test('the same when it says who it is in a header', async () => {
    const { path } = said('')(door.project)
    const headers = {
      'X-Sentry-Auth': `Sentry sentry_key=${door.project.publicKey}, sentry_client=sentry.cocoa/8.40.0`,
      'Content-Length': `${BODY.length}`,
    }
    const connection = await openRawConnection(stack.gatewayUrl)
    connection.write(rawPost(path.replace(/\?.*/, ''), headers, BODY))
    await expect(connection.received(/HTTP/, 2_000)).rejects.toThrow('in vain')
    expect(connection.isEnded()).toBe(true)
  })
})

test('the fault of one costs nobody else', async () => {
  const other = await addProject(stack, 'Neighbour')
  await Promise.all([
    conform(door, { name: 'unkept', request: said('x'), status: 503 }),
    conform({ ...door, project: other }, { name: 'kept', request: said('x'), status: 200 }),
  ])
})
