import { parsePublicKey } from '@rumen/protocol/public-key'
import { createLogger } from '@rumen/telemetry/logger'
import { describe, expect, test } from 'vitest'
import { makeReceipt } from '../../fixtures/make-receipt.ts'
import type { SpoolRecord } from '../spool/spool-record.ts'
import { createBreaker } from './breaker.ts'
import { ConnectionBrokenError, ConnectionLostError } from './commit-batch.ts'
import type { Committed } from './flush.ts'
import { OverloadedError, StuckError } from './group-commit.ts'
import { createKeep, NotKeptError } from './keep.ts'

const logger = createLogger({ role: 'test', level: 'silent' })
const KEY = parsePublicKey('a'.repeat(32))

/** A database that does what the test says, and a spool that remembers. */
function setUp(
  commit: (onSlow: () => void) => Promise<Committed>,
  spool: { isFull?: boolean; isBroken?: boolean } | null = {},
) {
  const records: SpoolRecord[] = []
  let commits = 0
  const breaker = createBreaker()
  const keep = createKeep({
    groupCommit: {
      commit: (_receipt, onSlow = () => {}) => {
        commits++
        return commit(onSlow)
      },
    },
    spool: spool && {
      hasRoom: () => !spool.isFull,
      append: async (record) => {
        if (spool.isFull || spool.isBroken) throw new Error('no')
        records.push(record)
      },
    },
    breaker,
    logger,
  })
  return { ...keep, breaker, records, commits: () => commits }
}

const sqlError = (code: string) => Object.assign(new Error('no'), { code })

test('a database that takes it is all there is to it', async () => {
  const { keep, records, breaker } = setUp(async () => 'seen_again')
  expect(await keep(makeReceipt('body'))).toBe('seen_again')
  expect([records.length, breaker.state]).toEqual([0, 'closed'])
})

describe('a receipt goes to the spool', () => {
  test.for([
    ['there is no connection', new ConnectionLostError()],
    ['the server went without a word', new ConnectionBrokenError(new Error('terminated'))],
    ['all lanes are stuck', new StuckError()],
    ['too much waits', new OverloadedError()],
    ['the connection broke under it', sqlError('ECONNRESET')],
    ['the database shuts down', sqlError('57P01')],
    ['its disk is full', sqlError('53100')],
    ['its day has no partition yet', sqlError('23514')],
  ] as const)('when %s', async ([, error]) => {
    const { keep, records, breaker } = setUp(() => Promise.reject(error))
    expect(await keep(makeReceipt('body'))).toBe('spooled')
    expect(records).toMatchObject([{ publicKey: null }])
    expect(breaker.state).toBe('open')
  })

  test('when its flush is slow, however that ends', async () => {
    const end = Promise.withResolvers<Committed>()
    const { keep, records } = setUp((onSlow) => {
      onSlow()
      return end.promise
    })
    expect(await keep(makeReceipt('body'))).toBe('spooled')
    expect(records).toHaveLength(1)
    end.reject(sqlError('57014'))
  })

  test('at once while the database is known to be away, without trying it', async () => {
    const { keep, commits, records } = setUp(() => Promise.reject(new ConnectionLostError()))
    for (let n = 0; n < 5; n++) expect(await keep(makeReceipt('body'))).toBe('spooled')
    expect([commits(), records.length]).toEqual([1, 5])
  })

  test('with its key, and without trying the database, when nobody could be asked about the key', async () => {
    const { keep, commits, records } = setUp(async () => 'archived')
    expect(await keep(makeReceipt('body'), KEY)).toBe('spooled')
    expect([commits(), records[0]?.publicKey]).toEqual([0, KEY])
  })
})

test('what the database has against the receipt itself is not spooled: it would be refused again and again', async () => {
  const { keep, records, breaker } = setUp(() => Promise.reject(sqlError('22P02')))
  await expect(keep(makeReceipt('body'))).rejects.toMatchObject({ code: '22P02' })
  expect([records.length, breaker.state]).toEqual([0, 'closed'])
})

test('a slow flush is waited for where the spool does not take its receipts', async () => {
  const end = Promise.withResolvers<Committed>()
  const { keep } = setUp(
    (onSlow) => {
      onSlow()
      return end.promise
    },
    { isFull: true },
  )
  const kept = keep(makeReceipt('body'))
  end.resolve('archived')
  expect(await kept).toBe('archived')
})

test('a full spool is no reason not to try the database, whatever the breaker thinks of it', async () => {
  const { keep, breaker } = setUp(async () => 'archived', { isFull: true })
  breaker.failed()
  expect(await keep(makeReceipt('body'))).toBe('archived')
})

test('a spool that fails is no reason not to try the database, whatever the breaker thinks of it', async () => {
  const { keep, breaker } = setUp(async () => 'archived', { isBroken: true })
  breaker.failed()
  expect(await keep(makeReceipt('body'))).toBe('archived')
})

describe('nothing is kept, and nobody is told it was', () => {
  test('without a spool', async () => {
    const { keep } = setUp(() => Promise.reject(new ConnectionLostError()), null)
    await expect(keep(makeReceipt('body'))).rejects.toThrow(NotKeptError)
    await expect(keep(makeReceipt('body'), KEY)).rejects.toThrow(NotKeptError)
  })

  test('with one that is full', async () => {
    const { keep } = setUp(() => Promise.reject(new ConnectionLostError()), { isFull: true })
    await expect(keep(makeReceipt('body'))).rejects.toThrow(NotKeptError)
    await expect(keep(makeReceipt('body'), KEY)).rejects.toThrow(NotKeptError)
  })
})
