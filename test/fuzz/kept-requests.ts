import { hash } from 'node:crypto'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type FuzzRequest, readRequest, type WrittenRequest, writeRequest } from './fuzz-request.ts'

/** Requests that once broke a promise, together as they did. */
export interface KeptRequests {
  file: string
  requests: readonly FuzzRequest[]
}

interface Written {
  /** What was wrong then. */
  broke: string
  seed: number
  requests: readonly WrittenRequest[]
}

const FOLDER = fileURLToPath(new URL('./fixtures/', import.meta.url))

export async function readKept(): Promise<readonly KeptRequests[]> {
  const names = await readdir(FOLDER).catch(() => [])
  return await Promise.all(
    names
      .filter((name) => name.endsWith('.json'))
      .toSorted()
      .map(async (file) => {
        // What stands there was written below.
        const { requests } = JSON.parse(await readFile(`${FOLDER}${file}`, 'utf8')) as Written
        return { file, requests: requests.map(readRequest) }
      }),
  )
}

/** Keeps them, to be sent first in every run from now on; gives the name of the file. */
export async function keepRequests(
  requests: readonly FuzzRequest[],
  broken: Pick<Written, 'broke' | 'seed'>,
): Promise<string> {
  const written: Written = { ...broken, requests: requests.map(writeRequest) }
  const text = `${JSON.stringify(written, null, 2)}\n`
  await mkdir(FOLDER, { recursive: true })
  const file = `${hash('sha256', text).slice(0, 12)}.json`
  await writeFile(`${FOLDER}${file}`, text)
  return file
}
