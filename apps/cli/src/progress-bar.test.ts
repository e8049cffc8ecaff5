import { expect, test } from 'vitest'
import { progressBar } from './progress-bar.ts'

function terminal({ isTTY, columns = 80 }: { isTTY: boolean; columns?: number }) {
  const written: string[] = []
  return { written, stream: { isTTY, columns, write: (text: string) => written.push(text) } }
}

test('a terminal shows how far it has come on its last line, and has it back in the end', () => {
  const { written, stream } = terminal({ isTTY: true })
  const bar = progressBar(stream)
  bar.show(0.5, '7 archives')
  // Sooner than anybody looks again.
  bar.show(0.6, '8 archives')
  bar.end()
  expect(written).toEqual(['\r\u001b[K[############------------]  50 % 7 archives', '\r\u001b[K'])
})

test('a narrow one gets no second line', () => {
  const { written, stream } = terminal({ isTTY: true, columns: 20 })
  progressBar(stream).show(1, 'x'.repeat(100))
  expect(written[0]).toHaveLength(19 + '\r\u001b[K'.length)
})

test('where nobody knows the whole there is no bar', () => {
  const { written, stream } = terminal({ isTTY: true })
  progressBar(stream).show(null, '7 archives')
  expect(written).toEqual(['\r\u001b[K7 archives'])
})

test('a file or a pipe gets nothing', () => {
  const { written, stream } = terminal({ isTTY: false })
  const bar = progressBar(stream)
  bar.show(0.5, '7 archives')
  bar.end()
  expect(written).toEqual([])
})
