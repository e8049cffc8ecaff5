import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { EmbeddedError } from './embedded-error.ts'
import type { ServerUser } from './server-user.ts'

/**
 * Runs its arguments and stops them when its standard input ends, which happens however the parent dies. Fast shutdown first,
 * then PostgreSQL's immediate one (the next start replays the log), then the axe. A shell costs 1 MB where a Node process costs 45.
 * Signals are ignored, so that whoever signals everything (systemd, a closing terminal) cannot orphan the server by accident.
 */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
exec 9<&0
"$@" </dev/null >&2 9<&- &
pid=$!
echo "$pid"
exec >/dev/null
(
  read -r _ <&9
  kill -INT "$pid"
  seconds=0
  while [ "$seconds" -lt 20 ] && kill -0 "$pid"; do
    sleep 1
    seconds=$((seconds + 1))
    [ "$seconds" -eq 8 ] && kill -QUIT "$pid"
    [ "$seconds" -eq 13 ] && kill -KILL "$pid"
  done
) 2>/dev/null &
watcher=$!
wait "$pid"
status=$?
kill -KILL "$watcher" 2>/dev/null
exit "$status"
`

export interface Guarded {
  /** The guarded program itself, not the shell around it. */
  pid: number
  /** The exit status of the program; resolves too when the guard itself is killed (then null). */
  exited: Promise<number | null>
  hasExited(): boolean
  /** Lets the program know that it should stop; `exited` tells when it has. */
  stop(): void
}

export interface GuardedProgram {
  command: string
  args: string[]
  /** Becomes standard output and error of the program. */
  logFd: number
  /** Handed down as descriptors 3, 4, …: the only way into folders that `user` may not enter. */
  fds?: number[]
  user: ServerUser | null
}

/** Starts a program that does not outlive this process. It gets a session of its own: Ctrl-C in the terminal does not reach it. */
export async function runGuarded({ command, args, logFd, fds = [], user }: GuardedProgram): Promise<Guarded> {
  const shell = spawn('/bin/sh', ['-c', GUARD_SCRIPT, 'rumen-postgres-guard', command, ...args], {
    cwd: '/',
    // Nothing else of the environment: PGDATA, PGPORT and their kin would change what the server does.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
    detached: true,
    stdio: ['pipe', 'pipe', logFd, ...fds],
    ...user,
  })
  let gone = false
  const exited = new Promise<number | null>((resolve, reject) => {
    shell.once('error', reject)
    shell.once('exit', (code) => {
      gone = true
      resolve(code)
    })
  })
  shell.stdin?.on('error', () => {}) // EPIPE: it has left already, which `exited` tells
  const line = readFirstLine(shell.stdout)
  const pid = Number(await Promise.race([line, exited.then(() => line)]))
  if (!pid) throw new EmbeddedError('START_FAILED', `/bin/sh could not start ${command}.`)
  return { pid, exited, hasExited: () => gone, stop: () => shell.stdin?.end() }
}

async function readFirstLine(stream: Readable | null): Promise<string | null> {
  if (stream === null) return null
  for await (const line of createInterface({ input: stream })) return line
  return null
}
