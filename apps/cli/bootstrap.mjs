/**
 * What `npm start` and `npm test` run on a machine that has Node.js 20 and npm only: installs when something changed,
 * then hands over to the Node.js that came with the install. No dependencies: nothing is installed yet.
 */
import { join } from 'node:path'
import { programEnvironment } from './bootstrap/environment.mjs'
import { installOnce } from './bootstrap/install-once.mjs'
import { NODE } from './bootstrap/paths.mjs'
import { runChild } from './bootstrap/run-child.mjs'
import { fail } from './bootstrap/say.mjs'

const NODE_MAJOR_MIN = 20

/** What to run from the root, once it is installed. */
const PROGRAMS = {
  start: [join('apps', 'cli', 'src', 'main.ts'), 'serve'],
  test: [join('node_modules', 'vitest', 'vitest.mjs'), 'run'],
  install: null,
}

async function main() {
  if (Number.parseInt(process.versions.node, 10) < NODE_MAJOR_MIN) {
    return fail(
      `Node.js ${NODE_MAJOR_MIN} or newer is needed, this is ${process.versions.node}: see https://nodejs.org`,
    )
  }
  const [command, ...args] = process.argv.slice(2)
  if (!Object.hasOwn(PROGRAMS, command)) return fail('Usage: node apps/cli/bootstrap.mjs start|test|install', 2)
  const failure = await installOnce(process.env)
  const program = PROGRAMS[command]
  if (failure || !program) return failure
  return await runChild(NODE, [...program, ...args], { env: programEnvironment(process.env), stdio: 'inherit' })
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error) => {
    process.exitCode = fail(explain(error))
  },
)

function explain(error) {
  if (error.code === 'EACCES' || error.code === 'EROFS') {
    return `no permission to write ${error.path}: run as the user this folder belongs to`
  }
  return error.stack
}
