import { connect, createServer, type Socket } from 'node:net'

export interface StatementCounter {
  /** The address of the same database through the counter. */
  url: string
  /** What was executed since the last call, in order, by sessions of this `application_name`. */
  take(application: string): string[]
  close(): Promise<void>
}

/**
 * Stands between a process and PostgreSQL and reads along: every statement the process has executed, whatever library
 * sent it. (PostgreSQL manual, frontend/backend protocol: message formats)
 */
export async function countStatements(databaseUrl: string): Promise<StatementCounter> {
  const target = new URL(databaseUrl)
  const executed: { application: string; text: string }[] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => socket.destroy()).on('close', () => sockets.delete(socket))
    }
    const read = readSession((application, text) => executed.push({ application, text }))
    client.on('data', read)
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(databaseUrl)
  if (typeof address === 'object' && address) url.port = `${address.port}`
  return {
    url: url.href,
    take: (application) => executed.splice(0).flatMap((one) => (one.application === application ? one.text : [])),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Takes the bytes one session sends as they come, and reports each execution: whose it is, and of what. */
export function readSession(report: (application: string, text: string) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  let application: string | null = null
  const prepared = new Map<string, string>()
  const portals = new Map<string, string>()

  function readMessage(type: string, body: Buffer): void {
    const [first = '', second = ''] = body.toString('latin1').split('\0', 2)
    if (type === 'P') prepared.set(first, second)
    else if (type === 'B') portals.set(first, prepared.get(second) ?? '')
    else if (type === 'E') report(application ?? '', portals.get(first) ?? '')
    else if (type === 'Q') report(application ?? '', first)
  }

  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      // The first message of a session has no type.
      const typeBytes = application === null ? 0 : 1
      if (rest.length < typeBytes + 4) return
      const end = typeBytes + rest.readInt32BE(typeBytes)
      if (rest.length < end) return
      const body = rest.subarray(typeBytes + 4, end)
      if (application === null) application = applicationOf(body)
      else readMessage(String.fromCharCode(rest[0] ?? 0), body)
      rest = rest.subarray(end)
    }
  }
}

/** Of a start-up message: a version, then names and values. */
function applicationOf(startup: Buffer): string {
  const words = startup.subarray(4).toString().split('\0')
  return words[words.indexOf('application_name') + 1] ?? ''
}
