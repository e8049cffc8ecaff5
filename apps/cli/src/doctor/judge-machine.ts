import { readFile } from 'node:fs/promises'
import { type Check, unknown, well } from '@rumen/health/check'

const NODE_MAJOR_MIN = 24

export function judgeNode(version: string): Check {
  const figures = { version }
  if (Number(version.split('.')[0]) >= NODE_MAJOR_MIN) return well(figures)
  const message = `this is Node ${version}, too old`
  return { status: 'failing', message, advice: `run it with Node ${NODE_MAJOR_MIN}`, figures }
}

/** Beside a gateway's connections: its database's, its files'. */
const BESIDE_CONNECTIONS = 100

/** Whether a gateway may open as many connections as MAX_CONNECTIONS says; `limit` null: nobody knows. */
export function judgeOpenFiles(limit: number | null, connectionsMax: number): Check {
  if (limit === null) return unknown('the limit of open files')
  const figures = { limit, max_connections: connectionsMax }
  if (connectionsMax === 0 || limit >= connectionsMax + BESIDE_CONNECTIONS) return well(figures)
  const message = `a process may open ${limit} files, and a gateway takes ${connectionsMax} connections`
  const advice = `raise the limit (ulimit -n, LimitNOFILE=), or lower MAX_CONNECTIONS`
  return { status: 'degraded', message, advice, figures }
}

/** Of this process, as its children inherit it; Linux alone says it. */
export async function openFilesLimit(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '')
  const [, soft] = /^Max open files\s+(\d+)/m.exec(limits) ?? []
  return soft === undefined ? null : Number(soft)
}
