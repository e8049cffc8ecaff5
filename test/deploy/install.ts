import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { findTool, TOOLS, type Tool, UNPACKED } from './tools.ts'

// What `pnpm test:deploy` does first: brings the tools that check what we deploy, from Debian. What is there already stays as
// it is, and nothing is installed of which a single program is needed.

function say(text: string): void {
  process.stderr.write(`test:deploy: ${text}\n`)
}

function run(command: string, words: readonly string[], cwd?: string): boolean {
  const { status } = spawnSync(command, words, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return status === 0
}

function unpack({ package: name }: Tool): boolean {
  const folder = join(UNPACKED, name)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  // As itself where it is root: apt's own user may not write in a checkout.
  if (!run('apt-get', ['download', '--quiet', '--option=APT::Sandbox::User=root', name], folder)) return false
  const [file = ''] = readdirSync(folder)
  const isUnpacked = run('dpkg-deb', ['--extract', join(folder, file), UNPACKED])
  rmSync(folder, { recursive: true })
  return isUnpacked
}

function install({ package: name }: Tool): boolean {
  const words = ['install', '--yes', '--no-install-recommends', name]
  if (process.getuid?.() === 0) return run('apt-get', words)
  say(`only root may install. As root, run: apt-get ${words.join(' ')}`)
  return false
}

function bring(tools: readonly Tool[]): boolean {
  if (!existsSync('/usr/bin/apt-get')) {
    say(`these come from Debian, and this is no Debian: ${tools.map(({ name }) => name).join(', ')}`)
    return false
  }
  if (process.getuid?.() === 0 && !run('apt-get', ['update', '--quiet'])) return false
  return tools.every((tool) => {
    say(`${tool.isUnpacked ? 'unpacking' : 'installing'} ${tool.package}`)
    if (!(tool.isUnpacked ? unpack(tool) : install(tool))) return false
    const found = findTool(tool)
    if ('missing' in found) say(found.missing)
    return 'path' in found
  })
}

const missing = TOOLS.filter((tool) => 'missing' in findTool(tool))
if (missing.length > 0 && !bring(missing)) process.exitCode = 1
