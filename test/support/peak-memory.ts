import { readFile } from 'node:fs/promises'

/** The most memory a process ever held, in MiB (VmHWM of proc(5)); null on systems that do not say. */
export async function peakMemoryMiB(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kiB = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kiB === undefined ? null : Number(kiB) / 1024
}
