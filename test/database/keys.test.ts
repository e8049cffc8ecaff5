import { type Connection, connect, type Db } from '@rumen/db/connect'
import { createKey } from '@rumen/db/project/create-key'
import { createProject } from '@rumen/db/project/create-project'
import { findKey } from '@rumen/db/project/find-key'
import { KEY_CHANNEL } from '@rumen/db/project/key-channel'
import { type ListedKey, listKeys } from '@rumen/db/project/list-keys'
import { revokeKey } from '@rumen/db/project/revoke-key'
import { rotateKey } from '@rumen/db/project/rotate-key'
import { setKeyLimit } from '@rumen/db/project/set-key-limit'
import { setLimits } from '@rumen/db/project/set-limits'
import type { DatabaseClone } from '@rumen/embedded/clone-database'
import { testDatabase } from '@rumen/embedded/test-database'
import type { ProjectId, PublicKey } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/wait-for.ts'

/** Of nobody; the second is wider than a column. */
const NOBODY = [parseProjectId('999999'), parseProjectId('18446744073709551615')] as const
const OTHER_KEY = parsePublicKey('d'.repeat(32))

let database: DatabaseClone
let connection: Connection
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  connection = connect(database.url, { poolSize: 8, name: 'test' })
  ;({ db } = connection)
})

afterAll(async () => {
  await connection.close()
  await database.drop()
})

async function keysOf(projectId: ProjectId): Promise<readonly ListedKey[]> {
  return (await listKeys(db, projectId)) ?? []
}

async function opens(publicKey: PublicKey, projectId: ProjectId): Promise<boolean> {
  return (await findKey(db, publicKey)).some((owner) => owner.projectId === projectId)
}

async function isAnyoneWaiting(): Promise<boolean> {
  const rows = await connection.sql`
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`
  return rows.length > 0
}

async function addKey(projectId: ProjectId): Promise<PublicKey> {
  const created = await createKey(db, { projectId })
  if (created.kind !== 'created') throw new Error(created.kind)
  return created.publicKey
}

describe('a project', () => {
  test('has as many keys as it is given, each opens it, and each is revoked by itself', async () => {
    const { id, publicKey: first } = await createProject(db, { name: 'Several' })
    const second = await addKey(id)
    expect(second).toMatch(/^[0-9a-f]{32}$/)
    expect(await keysOf(id)).toMatchObject([
      { publicKey: first, revokedAt: null, ratePerSec: null },
      { publicKey: second, revokedAt: null, ratePerSec: null },
    ])
    expect(await revokeKey(db, { projectId: id, publicKey: first })).toBe('revoked')
    expect([await opens(first, id), await opens(second, id)]).toEqual([false, true])
  })

  test('gets a key it revoked back when that is named, and keeps the time of a revocation that is repeated', async () => {
    const { id, publicKey } = await createProject(db, { name: 'Regrets' })
    await revokeKey(db, { projectId: id, publicKey })
    const [revoked] = await keysOf(id)
    expect(await revokeKey(db, { projectId: id, publicKey })).toBe('revoked')
    expect((await keysOf(id))[0]?.revokedAt).toEqual(revoked?.revokedAt)
    expect(await createKey(db, { projectId: id, publicKey })).toEqual({ kind: 'created', publicKey })
    expect(await opens(publicKey, id)).toBe(true)
    expect(await createKey(db, { projectId: id, publicKey }), 'it has it now').toEqual({ kind: 'taken' })
  })

  test('may have the key of another one, and revoking it there leaves it here', async () => {
    const [one, other] = [await createProject(db, { name: 'One' }), await createProject(db, { name: 'Other' })]
    await createKey(db, { projectId: other.id, publicKey: one.publicKey })
    await revokeKey(db, { projectId: one.id, publicKey: one.publicKey })
    expect([await opens(one.publicKey, one.id), await opens(one.publicKey, other.id)]).toEqual([false, true])
  })
})

describe('rotating', () => {
  test('leaves one new key that opens the project, and touches no other project', async () => {
    const [one, other] = [await createProject(db, { name: 'Rotated' }), await createProject(db, { name: 'Beside' })]
    await addKey(one.id)
    const rotated = await rotateKey(db, one.id)
    const valid = (await keysOf(one.id)).filter(({ revokedAt }) => revokedAt === null)
    expect(valid.map(({ publicKey }) => publicKey)).toEqual([rotated])
    expect(await opens(other.publicKey, other.id)).toBe(true)
  })

  test('while another command gives the project a key revokes that one too: one is left', async () => {
    const { id } = await createProject(db, { name: 'Rotated at once' })
    const other = await connection.sql.reserve()
    await other`BEGIN`
    await other`SELECT FROM project WHERE id = ${id} FOR NO KEY UPDATE`
    await other`INSERT INTO project_key (project_id, public_key) VALUES (${id}, ${OTHER_KEY})`
    const rotating = rotateKey(db, id)
    let isDone = false
    void rotating.then(() => (isDone = true))
    await waitFor('the wait for its turn', async () => isDone || (await isAnyoneWaiting()))
    await other`COMMIT`
    other.release()
    const rotated = await rotating
    const valid = (await keysOf(id)).filter(({ revokedAt }) => revokedAt === null)
    expect(valid.map(({ publicKey }) => publicKey)).toEqual([rotated])
  })

  test.for([
    [[10, 30], 30],
    [[10, null], null],
    [[10, 0], 0],
    [[null, 0], 0],
    [[null, null], null],
  ] as const)('keys limited to %j a second leaves one limited to %j', async ([rates, expected]) => {
    const { id, publicKey } = await createProject(db, { name: 'Limited' })
    const keys = [publicKey, await addKey(id)]
    for (const [at, rate] of rates.entries()) {
      await setKeyLimit(db, { projectId: id, publicKey: keys[at] ?? OTHER_KEY }, rate)
    }
    const rotated = await rotateKey(db, id)
    const [owner] = await findKey(db, rotated ?? OTHER_KEY)
    expect(owner?.keyRatePerSec).toBe(expected)
  })

  test('does not ask what keys revoked long ago might send', async () => {
    const { id, publicKey } = await createProject(db, { name: 'Long ago' })
    await revokeKey(db, { projectId: id, publicKey })
    await setKeyLimit(db, { projectId: id, publicKey: await addKey(id) }, 10)
    const [revoked] = await keysOf(id)
    const [owner] = await findKey(db, (await rotateKey(db, id)) ?? OTHER_KEY)
    expect(owner?.keyRatePerSec).toBe(10)
    expect((await keysOf(id))[0], 'nor is it revoked again').toEqual(revoked)
  })
})

test('limits are set one by one, seen by gateways, and taken away again', async () => {
  const { id, publicKey } = await createProject(db, { name: 'Limits' })
  const none = { ratePerSec: null, quotaPerMinute: null, quotaPerHour: null, quotaPerMonth: null }
  expect(await setLimits(db, id, {})).toEqual(none)
  expect(await setLimits(db, id, { ratePerSec: 0, quotaPerMonth: 5_000_000_000 })).toEqual({
    ...none,
    ratePerSec: 0,
    quotaPerMonth: 5_000_000_000,
  })
  await setLimits(db, id, { quotaPerMinute: 1, quotaPerHour: 2 })
  expect(await setKeyLimit(db, { projectId: id, publicKey }, 7)).toBe('set')
  expect(await findKey(db, publicKey)).toMatchObject([
    { projectRatePerSec: 0, keyRatePerSec: 7, quotas: { minute: 1, hour: 2, month: 5_000_000_000 } },
  ])
  await setLimits(db, id, none)
  await setKeyLimit(db, { projectId: id, publicKey }, null)
  expect(await findKey(db, publicKey)).toMatchObject([
    { projectRatePerSec: null, keyRatePerSec: null, quotas: { minute: null, hour: null, month: null } },
  ])
})

test('who is named wrongly is told apart, and nothing changes', async () => {
  const { id, publicKey } = await createProject(db, { name: 'Right' })
  for (const nobody of NOBODY) {
    expect(await createKey(db, { projectId: nobody })).toEqual({ kind: 'unknown_project' })
    expect(await revokeKey(db, { projectId: nobody, publicKey })).toBe('unknown_project')
    expect(await setKeyLimit(db, { projectId: nobody, publicKey }, 1)).toBe('unknown_project')
    expect(await rotateKey(db, nobody)).toBeNull()
    expect(await listKeys(db, nobody)).toBeNull()
    expect(await setLimits(db, nobody, { ratePerSec: 1 })).toBeNull()
  }
  expect(await revokeKey(db, { projectId: id, publicKey: OTHER_KEY })).toBe('unknown_key')
  expect(await setKeyLimit(db, { projectId: id, publicKey: OTHER_KEY }, 1)).toBe('unknown_key')
  expect(await keysOf(id)).toMatchObject([{ publicKey, revokedAt: null, ratePerSec: null }])
})

test('a project that is being deleted gets no keys and no limits', async () => {
  const { id } = await createProject(db, { name: 'Going' })
  await connection.sql`UPDATE project SET status = 'deleting' WHERE id = ${id}`
  expect(await createKey(db, { projectId: id })).toEqual({ kind: 'unknown_project' })
  expect(await setLimits(db, id, { ratePerSec: 1 })).toBeNull()
})

test('gateways hear of every change once it is committed, and of none where nothing changed', async () => {
  const { id, publicKey } = await createProject(db, { name: 'Heard' })
  let heard = 0
  let isMarkHeard = false
  const listening = await connection.sql.listen(KEY_CHANNEL, (payload) => {
    if (payload === 'mark') isMarkHeard = true
    else heard++
  })
  const changes: readonly (readonly [name: string, change: () => Promise<unknown>])[] = [
    ['a new key', () => createKey(db, { projectId: id })],
    ['a revoked one', () => revokeKey(db, { projectId: id, publicKey })],
    ['a limit of a key', () => setKeyLimit(db, { projectId: id, publicKey }, 5)],
    ['a limit of the project', () => setLimits(db, id, { ratePerSec: 5 })],
    ['a rotation', () => rotateKey(db, id)],
  ]
  for (const [name, change] of changes) {
    const before = heard
    await change()
    await waitFor(name, () => heard > before, 1_000)
  }
  const before = heard
  await setLimits(db, id, {})
  await listKeys(db, id)
  await connection.sql.notify(KEY_CHANNEL, 'mark')
  await waitFor('the mark', () => isMarkHeard)
  expect(heard).toBe(before)
  await listening.unlisten()
})
