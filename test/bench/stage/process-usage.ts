import { readdir, readFile } from 'node:fs/promises'

/** Of a process since it started; null on systems without proc(5). */
export interface ProcessUsage {
  cpuMs: number
  /** What it holds in memory now, shared pages of the Node binary included. */
  residentMiB: number
}

/** USER_HZ, 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10

export async function processUsage(pid: number): Promise<ProcessUsage | null> {
  const fields = await statFields(pid)
  if (!fields) return null
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kiB = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)
  return { cpuMs: ticks(fields, [11, 12]) * MS_PER_TICK, residentMiB: kiB / 1024 }
}

/** CPU of a process, of its children, and of those that have ended: a PostgreSQL server is many processes. */
export async function familyCpuMs(pid: number): Promise<number | null> {
  const parent = await statFields(pid)
  if (!parent) return null
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const others = await Promise.all(pids.map((one) => statFields(Number(one))))
  const children = others.filter((fields) => fields?.[1] === String(pid))
  const own = ticks(parent, [11, 12, 13, 14])
  return children.reduce((sum, fields) => sum + ticks(fields ?? [], [11, 12]), own) * MS_PER_TICK
}

/** The process that started this one; 0 where nobody can say. */
export async function parentOf(pid: number): Promise<number> {
  return Number((await statFields(pid))?.[1] ?? 0)
}

/** What follows the name in stat of proc(5), which may hold blanks: 0 is the state, 1 the parent, 11 the user time. */
async function statFields(pid: number): Promise<string[] | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return text?.slice(text.lastIndexOf(')') + 2).split(' ') ?? null
}

function ticks(fields: readonly string[], places: readonly number[]): number {
  return places.reduce((sum, place) => sum + Number(fields[place] ?? 0), 0)
}
