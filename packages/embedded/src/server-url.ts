import { readFile } from 'node:fs/promises'
import type { DataFolder } from './data-folder.ts'
import { EmbeddedError } from './embedded-error.ts'

/** The superuser's password. Throws `EmbeddedError` DATA_UNUSABLE when it is lost: the cluster knows a hash only. */
export async function readPassword(folder: DataFolder): Promise<string> {
  try {
    return await readFile(folder.password, 'utf8')
  } catch (cause) {
    const message = `Cannot read ${folder.password}, without which nobody can sign in to the database beside it.`
    throw new EmbeddedError('DATA_UNUSABLE', message, { cause })
  }
}

/** The URL of the superuser `postgres` in the database `postgres`. */
export function serverUrl(password: string, port: number): string {
  return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`
}
