import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Settings } from '@rumen/config/read-settings'
import type { Ready } from '@rumen/telemetry/lifecycle'
import { CommandError } from '../command-error.ts'
import { COMPILE_CACHE, type Role, roleArguments } from './roles.ts'

export interface RunningRole {
  /** Null for a role without a port. */
  port: number | null
  /** Resolves when its process has ended and was not asked to: with what it ended. */
  ended: Promise<string>
  stop(): Promise<void>
}

/** Starts a role as a child process and resolves once it does its job; rejects when it ends before that. */
export async function runRole(role: Role, settings: Settings, environment: NodeJS.ProcessEnv): Promise<RunningRole> {
  const child = spawn(process.execPath, roleArguments(role, settings), {
    env: { ...COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit').then(([code, signal]) => `${signal ?? `exit code ${code}`}`)
  const ready = await Promise.race([readiness(child), exited])
  if (typeof ready === 'string') throw new CommandError(`the ${role} did not start (${ready}); its reason is above`)
  return {
    port: ready.port,
    ended: exited,
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}

async function readiness(child: ChildProcess): Promise<Ready> {
  // A child of ours speaks no other message.
  const [message] = (await once(child, 'message')) as [Ready]
  return message
}
