import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

/** Stands for npm's npx and pnpm behind it: notes that it was called, then does as it is told. */
const NPX = `#!/bin/sh
echo "$@" >> calls.log
case "$NPX_DOES" in
  fail) echo 'what pnpm had to say'; exit 3 ;;
  hang) echo $$ > npx.pid; sleep 300; exit 1 ;;
  slow) until [ -e go ]; do sleep 0.05; done ;;
esac
mkdir -p node_modules/.bin node_modules/vitest node_modules/node/bin packages/one/node_modules
cp program.mjs node_modules/vitest/vitest.mjs
[ "$NPX_DOES" = half ] && ! [ -e half-done ] && touch half-done node_modules/node/bin/node && exit 0
[ "$NPX_DOES" = no-node ] && rm -f node_modules/node/bin/node && exit 0
ln -sf "$REAL_NODE" node_modules/node/bin/node
`

/** Stands for vitest: tells how it was called; told to wait, it counts what it is sent until SIGTERM. */
const PROGRAM = `
const { argv, env, execPath } = process
console.log(JSON.stringify({ args: argv.slice(2), cwd: process.cwd(), execPath, env }))
if (env.PROGRAM_DOES === 'wait') {
  process.on('SIGINT', () => console.log('got SIGINT'))
  process.on('SIGTERM', () => process.exit(7))
  setInterval(() => {}, 1000)
  console.log('waiting')
} else process.exit(Number(env.PROGRAM_EXITS ?? 0))
`

let root: string
const children: ChildProcess[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'rumen-test-boot strap '))
  await mkdir(join(root, 'apps', 'cli'), { recursive: true })
  await mkdir(join(root, 'packages', 'one'), { recursive: true })
  await mkdir(join(root, 'home'))
  for (const part of ['bootstrap.mjs', 'bootstrap']) {
    await cp(fileURLToPath(new URL(`../${part}`, import.meta.url)), join(root, 'apps', 'cli', part), {
      recursive: true,
    })
  }
  await writeFile(join(root, 'package.json'), '{ "packageManager": "pnpm@10.34.8" }')
  await writeFile(join(root, 'packages', 'one', 'package.json'), '{ "dependencies": { "left": "1" } }')
  await writeFile(join(root, 'pnpm-lock.yaml'), 'first')
  await writeFile(join(root, 'pnpm-workspace.yaml'), '')
  await writeFile(join(root, 'program.mjs'), PROGRAM)
  await mkdir(join(root, 'fake bin'))
  await writeFile(join(root, 'fake bin', 'npx'), NPX, { mode: 0o755 })
})

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  await rm(root, { recursive: true, force: true })
})

interface Run {
  child: ChildProcess
  output: () => string
  ended: Promise<number | null>
}

/** In a session of its own, so without a terminal. */
function boot(args: string[], env: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, [join(root, 'apps', 'cli', 'bootstrap.mjs'), ...args], {
    cwd: tmpdir(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: `${join(root, 'fake bin')}:/usr/bin:/bin`,
      HOME: join(root, 'home'),
      REAL_NODE: process.execPath,
      ...env,
    },
  })
  children.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  return { child, output: () => output, ended: once(child, 'close').then(([code]) => code) }
}

async function finish(
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const run = boot(args, env)
  return { code: await run.ended, output: run.output() }
}

async function installs(): Promise<string[]> {
  const log = await readFile(join(root, 'calls.log'), 'utf8').catch(() => '')
  return log.split('\n').filter(Boolean)
}

async function npxPid(): Promise<number> {
  await waitFor(async () => expect(await readFile(join(root, 'npx.pid'), 'utf8')).toMatch(/\d\n/))
  return Number(await readFile(join(root, 'npx.pid'), 'utf8'))
}

function waitFor(condition: () => unknown): Promise<unknown> {
  return vi.waitFor(condition, { timeout: 10_000, interval: 20 })
}

test('it installs the first time, and starts at once the second time', async () => {
  expect(await finish(['test'])).toMatchObject({ code: 0, output: expect.stringContaining('Rumen: installed in') })
  expect(await installs()).toEqual([expect.stringMatching(/^-y pnpm@10\.34\.8 install --frozen-lockfile /)])
  const { output } = await finish(['test'])
  expect(output).not.toContain('Rumen:')
  expect(await installs()).toHaveLength(1)
})

test.for([
  ['the lockfile changed', () => writeFile(join(root, 'pnpm-lock.yaml'), 'second')],
  [
    'a package asks for something else',
    () => writeFile(join(root, 'packages', 'one', 'package.json'), '{ "dependencies": { "right": "1" } }'),
  ],
  [
    'the modules of a package were deleted',
    () => rm(join(root, 'packages', 'one', 'node_modules'), { recursive: true }),
  ],
  ['the installed Node.js was deleted', () => unlink(join(root, 'node_modules', 'node', 'bin', 'node'))],
] as const)('it installs again when %s', async ([, change]) => {
  await finish(['test'])
  await change()
  expect((await finish(['test'])).code).toBe(0)
  expect(await installs()).toHaveLength(2)
})

test('the program gets the arguments, the installed Node.js, its tools first in PATH and the root as its folder', async () => {
  await finish(['install'])
  const { code, output } = await finish(['test', 'one file', '-t', 'name'], { PROGRAM_EXITS: '5' })
  expect(code).toBe(5)
  const program = JSON.parse(output)
  expect(program.args).toEqual(['run', 'one file', '-t', 'name'])
  expect(program.cwd).toBe(root)
  const [first, second] = program.env.PATH.split(':')
  expect([first, second]).toEqual([join(root, 'node_modules', 'node', 'bin'), join(root, 'node_modules', '.bin')])
})

test('what npm says of itself is kept from the program, what the user set is not', async () => {
  const theirs = { npm_config_registry: 'http://registry', npm_config_cafile: '/ca', HTTPS_PROXY: 'http://proxy' }
  const npms = {
    npm_lifecycle_event: 'test',
    npm_package_name: 'rumen',
    npm_config_prefix: '/usr',
    npm_execpath: 'npm',
    npm_config_noproxy: '',
  }
  await finish(['install'])
  const { env } = JSON.parse((await finish(['test'], { ...theirs, ...npms })).output)
  expect(env).toMatchObject(theirs)
  expect(Object.keys(npms).filter((name) => name in env)).toEqual([])
})

test('a failed install shows everything, ends with its code and is done again', async () => {
  const failed = await finish(['test'], { NPX_DOES: 'fail' })
  expect(failed).toMatchObject({ code: 3, output: expect.stringContaining('what pnpm had to say') })
  expect(failed.output).not.toContain('"args"')
  expect(await finish(['test'])).toMatchObject({ code: 0, output: expect.stringContaining('installed in') })
})

test.for(['SIGINT', 'SIGTERM'] as const)(
  '%s during an install ends all of it, and it is done again',
  async (signal) => {
    const run = boot(['test'], { NPX_DOES: 'hang' })
    const npx = await npxPid()
    run.child.kill(signal)
    expect(await run.ended).toBe(signal === 'SIGINT' ? 130 : 143)
    expect(run.output()).toContain('interrupted')
    expect(() => process.kill(npx, 0)).toThrow('ESRCH')
    expect((await finish(['test'])).code).toBe(0)
    expect(await installs()).toHaveLength(2)
  },
)

test('of two at once, one installs and the other waits for it', async () => {
  const runs = [boot(['test'], { NPX_DOES: 'slow' }), boot(['test'], { NPX_DOES: 'slow' })]
  await waitFor(() => expect(runs.map((run) => run.output()).join()).toContain('waiting for another install'))
  await writeFile(join(root, 'go'), '')
  expect(await Promise.all(runs.map((run) => run.ended))).toEqual([0, 0])
  expect(await installs()).toHaveLength(1)
})

test('a killed install is waited for while its npx lives, and does not stand in the way when that is dead too', async () => {
  const killed = boot(['test'], { NPX_DOES: 'hang' })
  const npx = await npxPid()
  killed.child.kill('SIGKILL')
  await once(killed.child, 'exit')
  const next = boot(['test'])
  await waitFor(() => expect(next.output()).toContain('waiting for another install'))
  process.kill(-npx, 'SIGKILL')
  expect(await next.ended).toBe(0)
})

test('an install that looks complete but has no Node.js is started anew', async () => {
  const { code, output } = await finish(['test'], { NPX_DOES: 'half' })
  expect(output).toContain('damaged')
  expect(code).toBe(0)
  expect(await installs()).toHaveLength(2)
})

test('an install whose scripts did not run says so', async () => {
  const { code, output } = await finish(['test'], { NPX_DOES: 'no-node' })
  expect(code).toBe(1)
  expect(output).toContain('ignore-scripts')
})

test('a signal reaches the program once, and its exit code is kept', async () => {
  await finish(['install'])
  const run = boot(['test'], { PROGRAM_DOES: 'wait' })
  await waitFor(() => expect(run.output()).toContain('waiting'))
  run.child.kill('SIGINT')
  await waitFor(() => expect(run.output()).toContain('got SIGINT'))
  run.child.kill('SIGTERM')
  expect(await run.ended).toBe(7)
  expect(run.output().match(/got SIGINT/g)).toHaveLength(1)
})

test('a user without a home gets one for the install', async () => {
  await writeFile(join(root, 'fake bin', 'npx'), `${NPX}\necho "$HOME" > home.log\n`)
  await finish(['install'], { HOME: join(root, 'program.mjs') })
  expect(await readFile(join(root, 'home.log'), 'utf8')).toBe(`${join(root, '.rumen', 'home')}\n`)
})

test('a Node.js that is too old is told in one sentence', async () => {
  const older = join(root, 'older.mjs')
  await writeFile(older, `Object.defineProperty(process, 'versions', { value: { node: '18.19.0' } })`)
  const { code, output } = await finish(['test'], { NODE_OPTIONS: `--import=${pathToFileURL(older)}` })
  expect(code).toBe(1)
  expect(output).toBe('Rumen: Node.js 20 or newer is needed, this is 18.19.0: see https://nodejs.org\n')
})

test('an unknown command is told what there is', async () => {
  expect(await finish(['begin'])).toMatchObject({ code: 2, output: expect.stringContaining('start|test|install') })
})
