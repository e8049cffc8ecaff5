import { writeFile } from 'node:fs/promises'
import { peakMemoryMiB } from './peak-memory.ts'

/**
 * From now on, how many MiB a process held at its peak beyond what it holds now; null on systems that do not say. A
 * process that compiles its sources has its highest peak at the start: measured from there, nothing would ever show.
 */
export async function watchMemory(pid: number): Promise<() => Promise<number | null>> {
  // Sets the peak back to what is held at the moment (proc(5), clear_refs). Elsewhere there is no such file.
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => null)
  const startMiB = await peakMemoryMiB(pid)
  return async () => {
    const peakMiB = await peakMemoryMiB(pid)
    return startMiB === null || peakMiB === null ? null : peakMiB - startMiB
  }
}
