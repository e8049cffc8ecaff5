import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KeyOwner } from '@rumen/db/project/find-key'
import type { PublicKey } from '@rumen/protocol/brand'
import { parseProjectId } from '@rumen/protocol/project-id'
import { parsePublicKey } from '@rumen/protocol/public-key'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { silent } from '../../fixtures/spools.ts'
import { openKeySnapshot } from './key-snapshot.ts'

let dir: string
let file: string

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'rumen-test-of keys '))
  file = join(dir, 'keys.json')
})

afterEach(async () => {
  await rm(dir, { recursive: true })
})

const open = () => openKeySnapshot(dir, silent)

function key(number: number): PublicKey {
  return parsePublicKey(number.toString(16).padStart(32, '0'))
}

function owner(projectId: string): KeyOwner {
  return {
    projectId: parseProjectId(projectId),
    priority: -1,
    projectRatePerSec: 50,
    keyRatePerSec: null,
    quotas: { minute: 0, hour: null, month: 1_000_000 },
  }
}

describe('known keys', () => {
  test('are known to the next process as they were, all projects of them', async () => {
    const owners = [owner('1'), owner('18446744073709551615')]
    const snapshot = await open()
    expect(snapshot.find(key(1))).toBeNull()
    await snapshot.update(new Map([[key(1), owners]]))
    expect(snapshot.find(key(1))).toEqual(owners)
    const next = await open()
    expect(next.find(key(1))).toEqual(owners)
    expect(next.find(key(2))).toBeNull()
  })

  test('that open nothing any more are forgotten, here and by the next process', async () => {
    const snapshot = await open()
    await snapshot.update(new Map([key(1), key(2)].map((each) => [each, [owner('1')]])))
    await snapshot.update(new Map([[key(1), []]]))
    for (const each of [snapshot, await open()]) {
      expect(each.find(key(1))).toBeNull()
      expect(each.find(key(2))).toEqual([owner('1')])
    }
  })

  test('of another gateway are not lost, and those it forgot do not come back', async () => {
    const [one, other] = [await open(), await open()]
    await one.update(new Map([key(1), key(2)].map((each) => [each, [owner('1')]])))
    await other.update(new Map([[key(3), [owner('3')]]]))
    await one.update(new Map([[key(1), []]]))
    await other.update(new Map([[key(4), [owner('4')]]]))
    const next = await open()
    expect([1, 2, 3, 4].map((number) => next.find(key(number))?.[0]?.projectId ?? null)).toEqual([null, '1', '3', '4'])
    expect(other.find(key(2))).toEqual([owner('1')])
  })

  test('do not stand in the file, which only its owner may read', async () => {
    const snapshot = await open()
    await snapshot.update(new Map([[key(0xabcdef), [owner('1')]]]))
    expect(await readFile(file, 'utf8')).not.toContain('abcdef')
    expect(((await stat(file)).mode & 0o777).toString(8)).toBe('600')
    expect(await readdir(dir)).toEqual(['keys.json'])
  })

  test('are ten thousand at most, the newest', async () => {
    const snapshot = await open()
    await snapshot.update(new Map(Array.from({ length: 10_050 }, (_, at) => [key(at), [owner('1')]])))
    for (const each of [snapshot, await open()]) {
      expect(each.find(key(49))).toBeNull()
      expect(each.find(key(50))).toEqual([owner('1')])
      expect(each.find(key(10_049))).toEqual([owner('1')])
    }
  })

  test('that did not change are not written again', async () => {
    const snapshot = await open()
    const known = new Map([[key(1), [owner('1')]]])
    await snapshot.update(known)
    const { ino } = await stat(file)
    await snapshot.update(known)
    await snapshot.update(new Map([[key(2), []]]))
    expect((await stat(file)).ino).toBe(ino)
    await snapshot.update(new Map([[key(1), [{ ...owner('1'), priority: 5 }]]]))
    expect((await open()).find(key(1))).toMatchObject([{ priority: 5 }])
  })

  test('told at the same moment are all known', async () => {
    const snapshot = await open()
    await Promise.all([1, 2, 3].map((number) => snapshot.update(new Map([[key(number), [owner('1')]]]))))
    const next = await open()
    expect([1, 2, 3].map((number) => next.find(key(number)))).toEqual([1, 2, 3].map(() => [owner('1')]))
  })
})

describe('a file that makes no sense', () => {
  const hash = 'c'.repeat(64)
  const sound = owner('1')

  test.for([
    ['no JSON', '{"version":1,"keys":{'],
    ['nothing', ''],
    ['another version', JSON.stringify({ version: 2, keys: {} })],
    ['a list', '[]'],
    ['a key in clear', JSON.stringify({ version: 1, keys: { ['a'.repeat(32)]: [sound] } })],
    ['a prototype', `{"version":1,"keys":{"__proto__":[${JSON.stringify(sound)}]}}`],
    ['a project that is none', JSON.stringify({ version: 1, keys: { [hash]: [{ ...sound, projectId: '01' }] } })],
    [
      'a quota that is none',
      JSON.stringify({ version: 1, keys: { [hash]: [{ ...sound, quotas: { minute: 'many' } }] } }),
    ],
    ['owners that are none', JSON.stringify({ version: 1, keys: { [hash]: [] } })],
  ] as const)('counts as empty and is replaced: %s', async ([, content]) => {
    await writeFile(file, content)
    const snapshot = await open()
    expect(snapshot.find(key(1))).toBeNull()
    await snapshot.update(new Map([[key(1), [owner('1')]]]))
    expect((await open()).find(key(1))).toEqual([owner('1')])
  })

  test('does not make a running gateway forget what it knows', async () => {
    const snapshot = await open()
    await snapshot.update(new Map([[key(1), [owner('1')]]]))
    await writeFile(file, 'damaged')
    await snapshot.update(new Map([[key(2), [owner('2')]]]))
    const next = await open()
    expect([1, 2].map((number) => next.find(key(number))?.[0]?.projectId)).toEqual(['1', '2'])
  })

  test('or cannot be written costs nobody anything', async () => {
    const snapshot = await openKeySnapshot(join(dir, 'gone'), silent)
    await snapshot.update(new Map([[key(1), [owner('1')]]]))
    expect(snapshot.find(key(1))).toEqual([owner('1')])
  })

  test('half-written by a gateway that was killed is taken away in time', async () => {
    const [young, old] = ['keys.json.00000000000000aa', 'keys.json.00000000000000bb'] as const
    for (const name of [young, old]) await writeFile(join(dir, name), '{')
    const longAgo = new Date(Date.now() - 60 * 60 * 1000)
    await utimes(join(dir, old), longAgo, longAgo)
    await open()
    expect(await readdir(dir)).toEqual([young])
  })
})
