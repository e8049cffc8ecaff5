import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { readSettings } from '@rumen/config/read-settings'
import { beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { environmentOf, readDockerfile, type Stage, valuesOf } from './read-dockerfile.ts'

// What can be seen of the image without an engine: what it is made of, and what it says of itself.

const fromRoot = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url))
const read = (path: string) => readFile(fromRoot(path), 'utf8')

let stages: readonly Stage[]
let build: Stage
let image: Stage

beforeAll(async () => {
  stages = readDockerfile(await read('docker/Dockerfile'))
  const [first, last] = [stages.at(0), stages.at(-1)]
  if (!first || !last) throw new Error('docker/Dockerfile has no FROM')
  build = first
  image = last
})

test('it has at most three stages, each with a name, on the Node of the checkout', async () => {
  expect(stages.map(({ name }) => name)).toEqual(['build', 'rumen'])
  const node = /^ {2}node: (.*)$/m.exec(await read('pnpm-workspace.yaml'))?.[1]
  for (const { image: from } of stages) expect(from).toMatch(new RegExp(`^node:${node}-[a-z]+-slim$`))
})

test('what others wrote is fetched by the lockfile alone, before our code is there, and nothing else is installed', () => {
  const steps = build.instructions.map(({ name, value }) => `${name} ${value}`)
  const at = (part: string) => steps.findIndex((step) => step.includes(part))
  expect(at('COPY pnpm-lock.yaml')).toBeGreaterThanOrEqual(0)
  expect(at(' fetch ')).toBeGreaterThan(at('COPY pnpm-lock.yaml'))
  expect(at('COPY . .')).toBeGreaterThan(at(' fetch '))
  expect(at(' install ')).toBeGreaterThan(at('COPY . .'))
  const installs = steps.filter((step) => / (fetch|install|add) /.test(step))
  expect(installs).toHaveLength(2)
  for (const step of installs) {
    expect(step).toContain('--ignore-scripts')
    expect(step, 'the version stands in package.json alone').toContain("require('./package.json').packageManager")
  }
  expect(installs.at(-1)).toContain('--offline --frozen-lockfile')
})

test('in the image are Node and the bundle, and nothing of the checkout', () => {
  expect(valuesOf(image.instructions, 'COPY')).toEqual(['--from=build /opt/rumen /opt/rumen'])
  expect(valuesOf(image.instructions, 'ADD')).toEqual([])
  expect(valuesOf(image.instructions, 'RUN').join()).toContain('rm -rf /usr/local/lib/node_modules')
})

test('it runs as a user with a number who is not root, and nothing is done after that as another', () => {
  const names = image.instructions.map(({ name }) => name)
  expect(valuesOf(image.instructions, 'USER')).toEqual(['65532:65532'])
  expect(names.slice(names.indexOf('USER'))).not.toContain('RUN')
  expect(names.slice(names.indexOf('USER'))).not.toContain('COPY')
})

test('it starts `rumen` without a shell, takes SIGTERM, and asks Rumen itself whether it is well', () => {
  expect(valuesOf(image.instructions, 'ENTRYPOINT')).toEqual(['["rumen"]'])
  expect(valuesOf(image.instructions, 'STOPSIGNAL')).toEqual(['SIGTERM'])
  expect(valuesOf(image.instructions, 'HEALTHCHECK')).toEqual([expect.stringMatching(/CMD \["rumen", "health"\]$/)])
  expect(valuesOf(image.instructions, 'RUN').join()).toContain('ln -s /opt/rumen/rumen /usr/local/bin/rumen')
})

test('it is reached from outside on the ports of the settings, and spools where a volume is', () => {
  const environment = environmentOf(image)
  expect(Object.fromEntries(environment)).toMatchObject({
    HOST: '0.0.0.0',
    ADMIN_HOST: '0.0.0.0',
    SPOOL_DIR: '/var/spool/rumen',
  })
  expect(valuesOf(image.instructions, 'VOLUME')).toEqual(['/var/spool/rumen'])
  const owned = /install .*--owner=(\d+) --group=(\d+) .* (\/\S+)$/.exec(valuesOf(image.instructions, 'RUN').join())
  expect(valuesOf(image.instructions, 'USER')).toEqual([`${owned?.[1]}:${owned?.[2]}`])
  expect(owned?.[3]).toBe(environment.get('SPOOL_DIR'))
  const settings = readSettings(Object.fromEntries(environment))
  const ports = [settings.GATEWAY_PORT, settings.GATEWAY_ADMIN_PORT, settings.WORKER_ADMIN_PORT]
  expect(valuesOf(image.instructions, 'EXPOSE')).toEqual([ports.join(' ')])
})

test('Compose runs it as the same user, and mounts its spool where it spools', async () => {
  const { services }: { services: Record<string, { user?: string; volumes?: string[]; environment?: unknown }> } =
    parse(await read('docker/compose.yaml'), { merge: true })
  expect(services.gateway?.user).toBe(valuesOf(image.instructions, 'USER')[0])
  expect(services.gateway?.volumes?.map((volume) => volume.split(':')[1])).toEqual(
    valuesOf(image.instructions, 'VOLUME'),
  )
  expect(services.gateway?.environment).toMatchObject({ SPOOL_DIR: environmentOf(image).get('SPOOL_DIR') })
})

test('no secret is in it, nor can one be given while it is built', () => {
  const named = stages.flatMap((stage) => [
    ...valuesOf(stage.instructions, 'ARG'),
    ...environmentOf(stage).keys(),
    ...valuesOf(stage.instructions, 'LABEL'),
  ])
  expect(named.filter((name) => /password|secret|token|key|database/i.test(name))).toEqual([])
})

test('of the checkout the build sees only what it needs: no history, no .env, nothing installed', async () => {
  const rules = (await read('.dockerignore')).split('\n').filter((line) => !/^(#|$)/.test(line))
  expect(rules[0], 'everything that is not named').toBe('*')
  const letIn = rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1))
  const named = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json', 'packages', 'apps', 'drizzle', 'LICENSE']
  expect(letIn).toEqual(expect.arrayContaining(named))
  expect(letIn.filter((path) => /^(\.|\*|test$|node_modules)/.test(path))).toEqual([])
  // The last rule that fits decides.
  const last = rules.findLastIndex((rule) => rule.startsWith('!'))
  expect(rules.slice(last + 1)).toEqual(expect.arrayContaining(['**/node_modules', '**/.env*']))
})
