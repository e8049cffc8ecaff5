import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Settings } from '@rumen/config/read-settings'
import { CommandError } from './command-error.ts'
import { STATE_FOLDER } from './paths.ts'

const PORT_FILE = `${STATE_FOLDER}/gateway-port`

/**
 * The address SDKs reach the gateway at: PUBLIC_URL, else the host and port it listens on. Throws CommandError when
 * the port is to be found at the first start, and there was none yet.
 */
export function publicUrl(settings: Settings, port: number = settings.GATEWAY_PORT || rememberedPort()): string {
  if (settings.PUBLIC_URL === undefined && port === 0) {
    throw new CommandError('no port is known yet: start Rumen once, or set PUBLIC_URL or GATEWAY_PORT')
  }
  return settings.PUBLIC_URL ?? `http://${settings.HOST.includes(':') ? `[${settings.HOST}]` : settings.HOST}:${port}`
}

/** With GATEWAY_PORT=0 the port found free at the first start: DSNs handed out with it go on working. 0: none yet. */
export function rememberedPort(): number {
  try {
    return Number(readFileSync(PORT_FILE, 'utf8')) || 0
  } catch {
    return 0
  }
}

export async function rememberPort(port: number): Promise<void> {
  await mkdir(STATE_FOLDER, { recursive: true })
  await writeFile(PORT_FILE, String(port))
}
