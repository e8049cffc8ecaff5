import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { installEnvironment } from './environment.mjs'
import { namedInLock, releaseLock, takeLock, touchLock } from './install-lock.mjs'
import { MODULES, NODE, ROOT } from './paths.mjs'
import { runChild } from './run-child.mjs'
import { fail, say } from './say.mjs'
import { fingerprint, isInstalled, removeModules, removeStamp, writeStamp } from './stamp.mjs'

const HEARTBEAT_MS = 5_000
const LOCK_POLL_MS = 300
/** Exit codes of SIGHUP, SIGINT and SIGTERM. */
const INTERRUPTED = new Set([129, 130, 143])

const INSTALL_OPTIONS = [
  // The tools of the tests are the tools of `npm start` too (Node.js 24 is one), whatever NODE_ENV says.
  '--prod=false',
  '--reporter=append-only',
  // Nobody is there to answer a question.
  '--config.confirm-modules-purge=false',
]

/** Returns exit code 0 when everything is installed, at once when it already was. */
export async function installOnce(environment) {
  let waiting = false
  for (;;) {
    const wanted = fingerprint()
    if (isInstalled(wanted)) return 0
    if (takeLock()) return await install(wanted, installEnvironment(environment)).finally(releaseLock)
    if (!waiting) say('waiting for another install of this folder to finish')
    waiting = true
    await delay(LOCK_POLL_MS)
  }
}

async function install(wanted, env) {
  removeStamp()
  const begin = Date.now()
  const seconds = () => `${Math.round((Date.now() - begin) / 1_000)} s`
  say('installing what it needs (once; this can take a minute or two)')
  let code = await runPnpm(env, seconds)
  if (code === 0 && !nodeRuns()) {
    // Something was deleted or cut short that pnpm takes for complete.
    say('the install is damaged, starting anew')
    removeModules()
    code = await runPnpm(env, seconds)
  }
  if (INTERRUPTED.has(code)) return fail('installing was interrupted; the next run does it again', code)
  if (code !== 0) return fail(`installing failed after ${seconds()}, see above; the next run tries again`, code)
  if (!nodeRuns()) {
    return fail(
      'the installed Node.js does not run; if ignore-scripts is set for npm or pnpm, take that back and run again',
    )
  }
  writeStamp(wanted)
  say(`installed in ${seconds()}`)
  return 0
}

/** Installs what the lockfile says; says nothing but a line every few seconds, and everything when it fails. */
async function runPnpm(env, seconds) {
  // npx would run pnpm with the Node.js of an earlier install, of which only this link may be left.
  if (!nodeRuns()) rmSync(join(MODULES, '.bin', 'node'), { force: true })
  let output = ''
  const beat = setInterval(() => {
    touchLock()
    say(`still installing, ${seconds()}${lastLine(output)}`)
  }, HEARTBEAT_MS)
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const npx = namedInLock('npx', ['-y', packageManager, 'install', '--frozen-lockfile', ...INSTALL_OPTIONS])
  const code = await runChild(...npx, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    group: true,
    onOutput: (text) => {
      output += text
    },
  }).finally(() => clearInterval(beat))
  if (code !== 0 && !INTERRUPTED.has(code)) process.stderr.write(output)
  return code
}

/** Sync: an interrupt meanwhile must end this process, not the question. */
function nodeRuns() {
  return spawnSync(NODE, ['--version'], { stdio: 'ignore' }).status === 0
}

/** What pnpm is at. The warnings npm has for its settings are for the log of a failure. */
function lastLine(output) {
  const line = output.split('\n').findLast((text) => text.trim() !== '' && !text.includes('npm warn'))
  return line ? `: ${line.replace('Progress: ', '').slice(0, 90)}` : ''
}
