import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buildSync } from 'esbuild'

export interface ServedPage {
  url: string
  stop(): Promise<void>
}

/** Serves a page that runs a program and whatever that imports, on a port of its own: for a browser, another origin. */
export async function servePage(program: string, constants: Readonly<Record<string, string>>): Promise<ServedPage> {
  const define = Object.fromEntries(Object.entries(constants).map(([name, value]) => [name, JSON.stringify(value)]))
  const [script] = buildSync({ entryPoints: [program], bundle: true, write: false, define }).outputFiles
  const files = new Map([
    ['/', { type: 'text/html', content: '<!doctype html><title>Shop</title><script src="/shop.js"></script>' }],
    ['/shop.js', { type: 'text/javascript', content: script?.text ?? '' }],
  ])
  const server = createServer((request, response) => {
    const file = files.get(request.url ?? '')
    if (!file) return response.writeHead(404).end()
    return response.writeHead(200, { 'content-type': `${file.type}; charset=utf-8` }).end(file.content)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // A server that listens on TCP has such an address.
  const { port } = server.address() as AddressInfo
  const stop = async () => {
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  }
  return { url: `http://127.0.0.1:${port}/`, stop }
}
