import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type FuzzRequest, toWire } from './fuzz-request.ts'

/** One answer: interim ones (1xx) are read over. */
export interface FuzzAnswer {
  status: number
  head: string
  body: string
}

/** How a request ended. */
export interface Exchanged {
  answers: readonly FuzzAnswer[]
  /** `open`: the connection can carry another one. `hung`: nothing happened for too long. */
  connection: 'open' | 'closed' | 'reset' | 'hung'
}

/** One client that sends one request after the other, over one connection for as long as that lasts. */
export interface Exchanger {
  exchange(request: FuzzRequest): Promise<Exchanged>
  close(): void
}

/** Of silence. What a busy machine adds is in it; a request that is never answered takes longer. */
const SILENCE_MS_MAX = 10_000

export function createExchanger(port: number): Exchanger {
  let socket: Socket | null = null

  async function open(): Promise<Socket> {
    if (socket && !socket.destroyed && socket.writable) return socket
    const opened = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    // Told by how it closes; without a listener it would end the process.
    opened.on('error', () => undefined)
    await once(opened, 'connect')
    socket = opened
    return opened
  }

  return {
    async exchange(request) {
      const isWhole = request.framing.kind !== 'broken'
      const opened = await open()
      const exchanged = await converse(opened, request, isWhole)
      if (exchanged.connection !== 'open') {
        opened.destroy()
        socket = null
      }
      return exchanged
    },
    close: () => socket?.destroy(),
  }
}

/** Sends the request, and reads one answer to a whole one, and all there are to a broken one. */
async function converse(socket: Socket, request: FuzzRequest, isWhole: boolean): Promise<Exchanged> {
  let received = ''
  let silence = setTimeout(() => undefined, 0)
  const ended = Promise.withResolvers<Exchanged['connection']>()
  const hearOf = () => {
    clearTimeout(silence)
    silence = setTimeout(ended.resolve, SILENCE_MS_MAX, 'hung')
  }
  const onData = (bytes: Buffer) => {
    hearOf()
    received += bytes.toString('latin1')
    const { answers, rest } = readAnswers(received, request.method)
    if (isWhole && answers.length > 0 && rest === '') ended.resolve(isLast(answers) ? 'closed' : 'open')
  }
  const onError = () => ended.resolve('reset')
  const onClose = () => ended.resolve('closed')
  socket.on('data', onData).on('error', onError).on('end', onClose).on('close', onClose)
  hearOf()
  const wire = toWire(request)
  if (isWhole) socket.write(wire)
  else socket.end(wire)
  const connection = await ended.promise
  clearTimeout(silence)
  socket.off('data', onData).off('error', onError).off('end', onClose).off('close', onClose)
  return { answers: readAnswers(received, request.method).answers, connection }
}

function isLast(answers: readonly FuzzAnswer[]): boolean {
  return answers.some(({ head }) => /^connection: close\r?$/im.test(head))
}

/** The whole answers of what was received, and what follows the last of them. Every one of ours says its length. */
function readAnswers(received: string, method: string): { answers: readonly FuzzAnswer[]; rest: string } {
  const answers: FuzzAnswer[] = []
  let rest = received
  for (;;) {
    const headEnd = rest.indexOf('\r\n\r\n')
    if (headEnd === -1) return { answers, rest }
    const head = rest.slice(0, headEnd)
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1])
    const length = method === 'HEAD' || status < 200 ? 0 : Number(/^content-length: (\d+)\r?$/im.exec(head)?.[1] ?? 0)
    const bodyAt = headEnd + 4
    if (rest.length < bodyAt + length) return { answers, rest }
    if (status >= 200) answers.push({ status, head, body: rest.slice(bodyAt, bodyAt + length) })
    rest = rest.slice(bodyAt + length)
  }
}
