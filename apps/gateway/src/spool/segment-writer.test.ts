import { type FileHandle, readFile, stat } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { makeRecord } from '../../fixtures/make-record.ts'
import { fillDisk } from '../../fixtures/spawn-writer.ts'
import { drainAll, makeSpools, methodsOfFiles, type Spools } from '../../fixtures/spools.ts'
import type { Spool } from './spool.ts'
import { encodeRecord } from './spool-record.ts'

let spools: Spools
let spool: Spool
let files: FileHandle

beforeEach(async () => {
  spools = await makeSpools()
  spool = await spools.open()
  files = await methodsOfFiles()
})

afterEach(async () => {
  vi.restoreAllMocks()
  await spools.remove()
})

function append(body: string): Promise<void> {
  return spool.append(makeRecord(body))
}

function failure(code: string): Error {
  return Object.assign(new Error(`the disk says ${code}`), { code })
}

/** The next write takes a part and then fails. */
function breakNextWrite(code: string): void {
  const writev = files.writev
  vi.spyOn(files, 'writev')
    .mockImplementationOnce(async function (this: FileHandle, pieces, position) {
      const [piece] = pieces
      if (!piece) throw new Error('there is nothing to write')
      const part = new Uint8Array(piece.buffer, piece.byteOffset, 10)
      return { bytesWritten: (await writev.call(this, [part], position)).bytesWritten, buffers: pieces }
    })
    .mockRejectedValueOnce(failure(code))
}

describe('group sync', () => {
  test('a hundred records that come together share one', async () => {
    const datasync = vi.spyOn(files, 'datasync')
    const bodies = Array.from({ length: 100 }, (_, at) => `${at}`)
    await Promise.all(bodies.map(append))
    expect(datasync).toHaveBeenCalledTimes(1)
    expect(await drainAll(spool)).toEqual(bodies)
  })

  test('what gathers during one shares the next', async () => {
    await append('first')
    const held = Promise.withResolvers<void>()
    const datasync = vi.spyOn(files, 'datasync').mockImplementationOnce(() => held.promise)
    const second = append('second')
    await vi.waitFor(() => expect(datasync).toHaveBeenCalledTimes(1))
    const others = Array.from({ length: 50 }, (_, at) => append(`other ${at}`))
    held.resolve()
    await Promise.all([second, ...others])
    expect(datasync).toHaveBeenCalledTimes(2)
  })

  test.for(['datasync', 'sync'] as const)('no record is said to be kept before the %s of its file', async (method) => {
    // The first record makes the file, whose name is synced with its folder.
    const held = Promise.withResolvers<void>()
    const syncing = vi.spyOn(files, method).mockImplementationOnce(() => held.promise)
    let isKept = false
    const appended = append('x').then(() => (isKept = true))
    await vi.waitFor(() => expect(syncing).toHaveBeenCalledTimes(1))
    // A turn of every queue there is: what could be kept by now would be.
    await stat(spools.dir)
    expect(isKept).toBe(false)
    held.resolve()
    await appended
  })
})

describe('a write that fails', () => {
  test.for(['ENOSPC', 'EDQUOT', 'EFBIG'])('with %s is a full disk, and leaves what was there', async (code) => {
    await append('before')
    const [path = ''] = await spools.segments()
    const { size } = await stat(path)
    breakNextWrite(code)
    await expect(append('refused')).rejects.toMatchObject({ name: 'SpoolFullError', reason: 'disk' })
    expect((await stat(path)).size).toBe(size)
    expect(spool.state()).toMatchObject({ bytes: size, records: 1 })
    await append('after')
    expect(await drainAll(spool)).toEqual(['before', 'after'])
    expect(spool.state().bytes).toBe(0)
  })

  test('for another reason is told as it is', async () => {
    breakNextWrite('EIO')
    await expect(append('refused')).rejects.toMatchObject({ code: 'EIO' })
  })

  test('as the first of a segment leaves no file', async () => {
    breakNextWrite('ENOSPC')
    await expect(append('refused')).rejects.toThrow()
    expect(await spools.segments()).toEqual([])
    expect(spool.state()).toMatchObject({ bytes: 0, segments: 0 })
  })

  test('and cannot be taken back costs no record that was kept', async () => {
    await append('before')
    breakNextWrite('ENOSPC')
    vi.spyOn(files, 'truncate').mockRejectedValueOnce(failure('EIO'))
    await expect(append('refused')).rejects.toMatchObject({ reason: 'disk' })
    expect(spool.state().bytes).toBe(['before', 'refused'].reduce((sum, body) => sum + sizeOf(body), 0))
    await append('after')
    expect(await drainAll(spool)).toEqual(['before', 'after'])
    expect(spool.state().bytes).toBe(0)
  })

  test.for(['datasync', 'sync'] as const)(
    'at its %s keeps nothing of the group, and nothing more goes to that file',
    async (method) => {
      if (method === 'datasync') await append('before')
      const segmentsBefore = await spools.segments()
      const contents = await Promise.all(segmentsBefore.map((path) => readFile(path)))
      vi.spyOn(files, method).mockRejectedValueOnce(failure('EIO'))
      const results = await Promise.allSettled([append('one'), append('two')])
      expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
      await append('after')
      expect(await Promise.all(segmentsBefore.map((path) => readFile(path)))).toEqual(contents)
      expect(await drainAll(spool)).toEqual([...(method === 'datasync' ? ['before'] : []), 'after'])
    },
  )

  test('refuses what the kernel does not take, and goes on as soon as there is room', async () => {
    const result = await fillDisk(spools.dir, 200_000)
    expect(result).toMatchObject({ reason: 'disk', bytesAtTheEnd: 0 })
    const { kept, drained, bytesWhenFull } = result
    expect(kept.length).toBeGreaterThan(20)
    expect(drained).toEqual(kept)
    expect(bytesWhenFull).toBe((kept.length - 1) * sizeOf('0'.padEnd(3_000, '.')))
  })
})

function sizeOf(body: string): number {
  return encodeRecord(makeRecord(body)).bytes
}
