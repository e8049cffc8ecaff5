import { readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runForText } from './run-for-text.ts'

/** What a server says of itself in `postmaster.pid`, which outlives a server that was killed. */
export interface Postmaster {
  pid: number
  port: number
  ready: boolean
}

const POLL_MS = 20
/** How a server is asked to stop, and how long it may take (milliseconds) before the next, harsher way. */
const WAYS_TO_STOP: [NodeJS.Signals, number][] = [
  ['SIGINT', 8_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
]

/** Reads `postmaster.pid` of a cluster; null when there is none, or not yet a whole one. */
export async function readPostmaster(cluster: string): Promise<Postmaster | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '')
  const lines = text.split('\n')
  const pid = Number(lines[0])
  const port = Number(lines[3])
  return pid > 0 && port > 0 ? { pid, port, ready: lines[7]?.trim() === 'ready' } : null
}

/**
 * Whether a process is alive and is a PostgreSQL at work in this cluster. A number alone proves nothing: after a reboot,
 * or in a container, the one in a stale file is soon another program's. A zombie has no working directory, so it counts as gone.
 */
export async function isPostmasterOf(pid: number, cluster: string): Promise<boolean> {
  if (process.platform !== 'linux') {
    const command = await runForText('ps', ['-ww', '-o', 'command=', '-p', `${pid}`]).catch(() => '')
    return command.includes('postgres') && command.includes(cluster)
  }
  try {
    const [name, workplace, home] = await Promise.all([
      readFile(`/proc/${pid}/comm`, 'utf8'),
      stat(`/proc/${pid}/cwd`),
      stat(cluster),
    ])
    return name.trim() === 'postgres' && workplace.dev === home.dev && workplace.ino === home.ino
  } catch {
    return false
  }
}

/**
 * Stops the server that a killed process left behind in this cluster, if there is one, and removes a stale lock file whose number
 * now belongs to another program (PostgreSQL would take that one for a running server). Only for the holder of the owner lock.
 */
export async function stopOrphan(cluster: string, onProgress: (line: string) => void = () => {}): Promise<void> {
  const left = await readPostmaster(cluster)
  if (!left) return
  if (!(await isPostmasterOf(left.pid, cluster))) {
    if (isAlive(left.pid)) await rm(join(cluster, 'postmaster.pid'), { force: true })
    return
  }
  onProgress(`Stopping the PostgreSQL that an earlier run left behind (process ${left.pid})`)
  for (const [signal, patienceMs] of WAYS_TO_STOP) {
    try {
      process.kill(left.pid, signal)
    } catch {
      return // gone between the look and the signal
    }
    const deadline = Date.now() + patienceMs
    while (Date.now() < deadline) {
      if (!(await isPostmasterOf(left.pid, cluster))) return
      await delay(POLL_MS)
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
