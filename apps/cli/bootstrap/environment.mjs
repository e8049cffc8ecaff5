import { accessSync, constants, mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { MODULES, NODE, STATE } from './paths.mjs'
import { readText } from './read-text.mjs'

/** What npm tells a script about itself misleads the pnpm, the npx and the tests that are started from here. */
const NPM_LIFECYCLE =
  /^(npm_(lifecycle_.*|package_.*|command|execpath|node_execpath|config_(prefix|local_prefix|global_prefix|user_agent|node_gyp|npm_version|init_module))|INIT_CWD|NODE)$/

/** The user's environment without npm's additions; the installed Node.js and tools come first in PATH. */
export function programEnvironment(environment) {
  const kept = Object.entries(environment).filter(
    ([name, value]) => !NPM_LIFECYCLE.test(name) && !(name.startsWith('npm_config_') && value === ''),
  )
  const path = [dirname(NODE), join(MODULES, '.bin'), environment.PATH ?? ''].join(delimiter)
  return { ...Object.fromEntries(kept), PATH: path }
}

/** For npx and pnpm: with the Node.js that runs this, and with a home they can write to even if the user has none. */
export function installEnvironment(environment) {
  const path = [dirname(process.execPath), environment.PATH ?? ''].join(delimiter)
  const env = { ...programEnvironment(environment), PATH: path }
  const home = homeFolder()
  if (isWritable(home)) return { ...env, HOME: home }
  // npm has told us of places in the home that does not exist.
  if (!isWritable(env.npm_config_cache)) delete env.npm_config_cache
  if (readText(env.npm_config_userconfig) === null) delete env.npm_config_userconfig
  return { ...env, HOME: join(STATE, 'home') }
}

function homeFolder() {
  try {
    return homedir()
  } catch {
    return '' // a user id that the machine does not know
  }
}

function isWritable(folder) {
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}
