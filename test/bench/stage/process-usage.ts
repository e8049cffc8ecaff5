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
  const children = await Promise.all((await childrenOf(pid)).map(statFields))
  const own = ticks(parent, [11, 12, 13, 14])
  return children.reduce((sum, fields) => sum + ticks(fields ?? [], [11, 12]), own) * MS_PER_TICK
}

/** MiB a process and its children hold, pages they share counted once; null where nobody may say. */
export async function familyMemoryMiB(pid: number): Promise<number | null> {
  const family = [pid, ...(await childrenOf(pid))]
  const texts = await Promise.all(family.map((one) => readFile(`/proc/${one}/smaps_rollup`, 'utf8').catch(() => '')))
  const kiB = texts.reduce((sum, text) => sum + Number(/^Pss:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0), 0)
  return kiB === 0 ? null : kiB / 1024
}

/** The kernel keeps a list, where it was built to; asking every process for its parent takes a millisecond or ten. */
async function childrenOf(pid: number): Promise<readonly number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => null)
  if (list !== null) return (list.match(/\d+/g) ?? []).map(Number)
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const parents = await Promise.all(pids.map(parentOf))
  return pids.filter((_, at) => parents[at] === pid)
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
