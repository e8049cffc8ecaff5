import { type FileHandle, open, readFile, rm } from 'node:fs/promises'

const LINES_MAX = 8

/** An empty log in the place of the last one, which may be another user's. Whoever gets the handle closes it. */
export async function openLog(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return await open(path, 'wx', 0o600)
}

/** The last lines of a log, for the message of an error; empty when there is none. */
export async function logTail(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-LINES_MAX).join('\n')
}
