import type { Settings } from '@rumen/config/read-settings'
import { CommandError } from '../command-error.ts'
import { readOptions } from '../read-options.ts'
import { ROLES, type Role } from './roles.ts'

/** A process that takes longer does nothing else either. */
const ANSWER_MS_MAX = 4_000

/**
 * `rumen health`: what a container is asked every few seconds. Asks each process that is on this machine whether it is ready,
 * on its admin port; fails where one is not, or none is there. Not what `/health` says: that tells of others' troubles, too.
 */
export async function healthCommand(rest: readonly string[], settings: Settings): Promise<void> {
  readOptions(rest, {})
  const answers = await Promise.all(ROLES.map(async (role) => ({ role, status: await askReady(role, settings) })))
  const present = answers.filter(({ status }) => status !== null)
  if (present.length === 0) throw new CommandError('no process of Rumen answers on this machine')
  const ill = present.filter(({ status }) => status !== 200)
  if (ill.length > 0) {
    throw new CommandError(ill.map(({ role, status }) => `the ${role} is not ready (${status})`).join('; '))
  }
  console.log(present.map(({ role }) => `${role}: ready`).join('\n'))
}

/** Null: nobody listens there. */
async function askReady(role: Role, settings: Settings): Promise<number | 'no answer' | null> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS_MAX)
    const response = await fetch(`http://${hostOf(settings.ADMIN_HOST)}:${portOf(role, settings)}/ready`, { signal })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    return isRefused(error) ? null : 'no answer'
  }
}

function portOf(role: Role, { GATEWAY_ADMIN_PORT, WORKER_ADMIN_PORT }: Settings): number {
  return role === 'gateway' ? GATEWAY_ADMIN_PORT : WORKER_ADMIN_PORT
}

/** Where a process that listens everywhere is reached from its own machine. */
function hostOf(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : null
  return cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
}
