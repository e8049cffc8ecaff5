import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** A POST as it goes over the wire, head and body, for what fetch does not let a test do. */
export function rawPost(path: string, headers: Readonly<Record<string, string>>, body: string | Uint8Array): Buffer {
  const lines = Object.entries({ Host: '127.0.0.1', ...headers }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.concat([Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`), Buffer.from(body)])
}

/** The same in one chunk, as a sender does that does not say how much is coming. */
export function chunkedPost(path: string, body: Uint8Array): Buffer {
  const chunk = [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')]
  return rawPost(path, { 'Transfer-Encoding': 'chunked' }, Buffer.concat(chunk))
}

/** Hands the bytes to the system and is gone, as a process is that ends with its last request: no answer is read. */
export async function sendAndLeave(url: string, bytes: Uint8Array): Promise<void> {
  const socket = await open(url)
  await write(socket, bytes)
  socket.destroy()
  await once(socket, 'close')
}

/** Sends everything before it reads anything, as simple clients do; gives the beginning of the answer. */
export async function sendThenRead(url: string, bytes: Uint8Array): Promise<string> {
  const socket = await open(url)
  try {
    await write(socket, bytes)
    const [answer] = await once(socket, 'data')
    return String(answer)
  } finally {
    socket.destroy()
  }
}

async function open(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  return socket
}

async function write(socket: Socket, bytes: Uint8Array): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('error', reject)
    socket.write(bytes, (error) => (error ? reject(error) : resolve()))
  })
}
