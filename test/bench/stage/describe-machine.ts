import { mkdtemp, open, rm } from 'node:fs/promises'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { join } from 'node:path'

export interface Machine {
  cpu: string
  cores: number
  memoryGiB: number
  kernel: string
  node: string
  /** Median of an 8 KiB write made durable in the folder where the database lies. */
  fsyncMs: number
  /** Processes that wanted to run, the last minute's average: anything above a few tenths is somebody else. */
  loadBefore: number
}

const SYNCS_COUNT = 300
const PAGE_BYTES = 8 * 1024

/** What the figures hold for; to be asked before anything is measured. */
export async function describeMachine(folder: string): Promise<Machine> {
  const [first] = cpus()
  return {
    cpu: first?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    kernel: `${type()} ${release()}`,
    node: process.version,
    loadBefore: loadavg()[0] ?? 0,
    fsyncMs: await medianSyncMs(folder),
  }
}

async function medianSyncMs(folder: string): Promise<number> {
  const scratch = await mkdtemp(join(folder, 'sync-'))
  const file = await open(join(scratch, 'page'), 'w')
  const page = Buffer.alloc(PAGE_BYTES, 1)
  const times: number[] = []
  try {
    for (let n = 0; n < SYNCS_COUNT; n++) {
      const startedAt = performance.now()
      await file.write(page, 0, PAGE_BYTES, (n % 64) * PAGE_BYTES)
      await file.datasync()
      times.push(performance.now() - startedAt)
    }
  } finally {
    await file.close()
    await rm(scratch, { recursive: true, force: true })
  }
  return times.sort((a, b) => a - b)[SYNCS_COUNT / 2] ?? 0
}
