import { mkdir, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { takeProcessLock } from '@rumen/telemetry/process-lock'
import { expect, test } from 'vitest'
import { dataFolder } from './data-folder.ts'
import { makeThrowawayFolder, removeAbandonedFolders } from './throwaway-folder.ts'

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null)) !== null
}

test('what a killed run left behind is removed, what is young or in use is not', async () => {
  const [young, abandoned, used] = await Promise.all([1, 2, 3].map((number) => makeThrowawayFolder(`${number} `)))
  if (!young || !abandoned || !used) throw new Error('no folders')
  const release = takeProcessLock(dataFolder(used).ownerLock)
  const longAgo = new Date(Date.now() - 60 * 60 * 1000)
  for (const folder of [abandoned, used]) await utimes(folder, longAgo, longAgo)
  const stranger = join(dirname(abandoned), `not-rumen-${Date.now()}`)
  await mkdir(stranger)
  await utimes(stranger, longAgo, longAgo)
  await removeAbandonedFolders()
  expect(await Promise.all([young, abandoned, used, stranger].map(exists))).toEqual([true, false, true, true])
  release?.()
  for (const folder of [young, used, stranger]) await rm(folder, { recursive: true })
})
