import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ServerUser } from './server-user.ts'

const run = promisify(execFile)

/** Runs a short program from `/`, as `user` when given, and returns its standard output. Rejects when it fails. */
export async function runForText(command: string, args: string[], user: ServerUser | null = null): Promise<string> {
  const { stdout } = await run(command, args, { cwd: '/', ...user })
  return stdout
}
