import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import type { Settings } from '@rumen/config/read-settings'
import { STATE_FOLDER } from './paths.ts'

const PORT_FILE = `${STATE_FOLDER}/gateway-port`

/** The address SDKs reach the gateway at: PUBLIC_URL, else the host and port it listens on. */
export function publicUrl(settings: Settings, port: number = settings.GATEWAY_PORT || rememberedPort()): string {
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
