import { once } from 'node:events'
import { startProgram } from '../stage/start-program.ts'

export interface LimitServer {
  pid: number
  port: number
  stop(): Promise<void>
}

/** Starts one of the servers the gateway is compared with, with the gateway's flag for short-lived objects. */
export async function startServer(name: 'echo-server' | 'databaseless-gateway', key = ''): Promise<LimitServer> {
  const program = startProgram(new URL(`./${name}.ts`, import.meta.url), [key], {
    nodeOptions: ['--max-semi-space-size=4'],
  })
  const [message] = await Promise.race([once(program.child, 'message'), program.failed])
  // A child of ours speaks no other message.
  const { port } = message as { port: number }
  return { pid: program.pid, port, stop: program.stop }
}
