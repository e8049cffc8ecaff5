import { once } from 'node:events'
import type { Writable } from 'node:stream'
import type { ExportPlace } from './export-place.ts'
import type { LineSink } from './export-run.ts'
import type { PartFile } from './part-file.ts'

/** Nobody reads any more what is written. */
export class PipeClosedError extends Error {
  override readonly name = 'PipeClosedError'
}

/** Of a block of the file: what a kill costs at most, and what a reader that goes to its middle has to decompress. */
const BLOCK_BYTES = 4 * 1024 * 1024

/** Lines on a stream, no faster than its reader takes them. Writing throws PipeClosedError once the reader is gone. */
export function streamSink(stream: Writable): LineSink {
  let failure: NodeJS.ErrnoException | null = null
  stream.on('error', (error) => {
    failure = error
  })
  const check = () => {
    if (failure === null) return
    if (failure.code === 'EPIPE') throw new PipeClosedError()
    throw failure
  }
  async function write(text: string): Promise<void> {
    check()
    // The error itself comes through the listener; `once` rejects with it, too.
    if (text !== '' && !stream.write(text)) await once(stream, 'drain').catch(() => undefined)
    check()
  }
  return { write, end: write }
}

/** Lines in a file, a block at a time. The last one gives it its name: who goes on with a part must not find an end in it. */
export function fileSink(part: PartFile<ExportPlace>): LineSink {
  let texts: Buffer[] = []
  let bytes = 0
  let place: ExportPlace | null = null

  async function flush(): Promise<void> {
    if (place === null) return
    await part.append(Buffer.concat(texts), place)
    texts = []
    bytes = 0
    place = null
  }

  return {
    async write(text, upTo) {
      const added = Buffer.from(text)
      texts.push(added)
      bytes += added.length
      place = upTo
      if (bytes >= BLOCK_BYTES) await flush()
    },
    async end(text) {
      await flush()
      await part.finish(Buffer.from(text))
    },
  }
}
