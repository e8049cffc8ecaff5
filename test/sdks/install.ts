import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { SDKS } from './sdk.ts'

// What `pnpm test:sdks` does first: installs the SDKs that Debian packages, with apt. Everything that is there already
// stays as it is.

const missing = SDKS.filter((sdk) => sdk.packages.length > 0 && !sdk.isInstalled())
const packages = missing.flatMap((sdk) => sdk.packages)

function say(text: string): void {
  process.stderr.write(`test:sdks: ${text}\n`)
}

function apt(...words: readonly string[]): boolean {
  const { status } = spawnSync('apt-get', words, {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0
}

if (packages.length > 0) {
  const command = `apt-get install --no-install-recommends ${packages.join(' ')}`
  if (!existsSync('/usr/bin/apt-get')) {
    say(`these come from Debian, and this is no Debian: ${packages.join(', ')}`)
    process.exitCode = 1
  } else if (process.getuid?.() !== 0) {
    say(`only root may install. As root, run: ${command}`)
    process.exitCode = 1
  } else {
    say(`installing ${packages.join(', ')}`)
    if (!apt('update', '--quiet') || !apt('install', '--yes', '--no-install-recommends', ...packages)) {
      say('apt-get failed, see above')
      process.exitCode = 1
    }
  }
}
