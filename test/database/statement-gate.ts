import { connect, createServer, type Socket } from 'node:net'
import { readSession } from './statement-counter.ts'

/** A point in what a process says to PostgreSQL. */
export interface StopPoint {
  /** `application_name` of the session. */
  application: string
  statement: RegExp
  /** Only after this, in whatever session, since the point was named. */
  following?: RegExp
  /** `call`: the server never hears of the statement. `answer`: it was executed, and whoever sent it never hears of that. */
  at: 'call' | 'answer'
}

export interface StatementGate {
  /** The address of the same database through the gate. */
  url: string
  /** Resolves once it has come to this point: from then on nothing passes any more, either way, in no session. */
  closeAt(point: StopPoint): Promise<void>
  /** Ends all sessions. */
  remove(): Promise<void>
}

/** Stands between a process and PostgreSQL, and shuts at a statement of the process: whoever is killed then is killed there. */
export async function openGate(databaseUrl: string): Promise<StatementGate> {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  let isShut = false
  let isFollowing = false
  let wanted: { point: StopPoint; reach: () => void } | null = null

  const shut = () => {
    isShut = true
    wanted?.reach()
  }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    let isAwaited = false
    const readCalls = readSession((application, text) => {
      if (wanted === null || isShut || isAwaited || wanted.point.application !== application) return
      const { statement, following, at } = wanted.point
      if (statement.test(text) && (isFollowing || following === undefined)) {
        if (at === 'call') shut()
        else isAwaited = true
      }
      isFollowing ||= following?.test(text) === true
    })
    const readAnswers = readCompletions(() => {
      if (isAwaited) shut()
    })
    client.on('data', (chunk) => {
      readCalls(chunk)
      if (!isShut) upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      readAnswers(chunk)
      if (!isShut) client.write(chunk)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(databaseUrl)
  if (typeof address === 'object' && address) url.port = `${address.port}`
  return {
    url: url.href,
    closeAt: (point) => new Promise((reach) => (wanted = { point, reach })),
    async remove() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const COMMAND_COMPLETE = 'C'.charCodeAt(0)

/** Takes the bytes a server sends in one session, and reports each statement that came to its end. */
function readCompletions(report: () => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 5) {
      const end = 1 + rest.readInt32BE(1)
      if (rest.length < end) return
      if (rest[0] === COMMAND_COMPLETE) report()
      rest = rest.subarray(end)
    }
  }
}
