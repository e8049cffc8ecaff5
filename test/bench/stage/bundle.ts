import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

const ROOT = new URL('../../../', import.meta.url)
const FOLDER = new URL('.rumen/bench/bundle/', ROOT)

/** The command `rumen` as an image has it: sources that Node strips of their types at each start take memory and time of their own. */
export const BUNDLED_CLI = pathToFileURL(`${fileURLToPath(FOLDER)}apps/cli/src/main.js`)

/** Makes the bundle of this checkout, as it is now. Before any role is started. */
export async function bundle(): Promise<void> {
  await rm(FOLDER, { recursive: true, force: true })
  await promisify(execFile)(process.execPath, ['docker/bundle.ts', fileURLToPath(FOLDER)], { cwd: fileURLToPath(ROOT) })
}
