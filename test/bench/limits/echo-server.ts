import { createServer } from 'node:http'

// What Node can do at most with such requests: the body is read, a small JSON answered, and nothing else done.
const ANSWER = '{"id":"0123456789abcdef0123456789abcdef"}'

const server = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0)
    const status = bytes > 0 ? 200 : 400
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': ANSWER.length })
    response.end(ANSWER)
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.send?.({ port: typeof address === 'object' ? address?.port : 0 })
})
process.once('disconnect', () => process.exit())
