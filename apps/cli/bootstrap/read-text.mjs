import { readFileSync } from 'node:fs'

/** The text of a file, null when it cannot be read. */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
