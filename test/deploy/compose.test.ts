import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SETTINGS } from '@rumen/config/settings'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

// What docker/compose.yaml promises, read from it: there is no engine here to ask.

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8')

const words = v.array(v.string())

/** Every key a service of ours has. One more needs a look at what it means for these promises. */
const service = v.strictObject({
  image: v.string(),
  build: v.optional(v.strictObject({ context: v.string(), dockerfile: v.string() })),
  user: v.string(),
  init: v.optional(v.boolean()),
  read_only: v.literal(true),
  cap_drop: v.tuple([v.literal('ALL')]),
  security_opt: v.tuple([v.literal('no-new-privileges:true')]),
  logging: v.strictObject({
    driver: v.literal('json-file'),
    options: v.strictObject({ 'max-size': v.string(), 'max-file': v.string() }),
  }),
  restart: v.picklist(['unless-stopped', 'no']),
  healthcheck: v.union([
    v.strictObject({ disable: v.literal(true) }),
    v.strictObject({
      test: words,
      interval: v.string(),
      timeout: v.string(),
      retries: v.number(),
      start_period: v.string(),
    }),
  ]),
  cpus: v.union([v.number(), v.string()]),
  mem_limit: v.string(),
  pids_limit: v.number(),
  shm_size: v.optional(v.string()),
  stop_grace_period: v.optional(v.string()),
  tmpfs: v.optional(words, []),
  volumes: v.optional(words, []),
  ports: v.optional(words, []),
  networks: words,
  entrypoint: v.optional(words),
  command: v.optional(words, []),
  environment: v.optional(v.record(v.string(), v.union([v.string(), v.number()])), {}),
  depends_on: v.optional(
    v.record(
      v.string(),
      v.strictObject({
        condition: v.picklist(['service_healthy', 'service_completed_successfully', 'service_started']),
      }),
    ),
    {},
  ),
})

const source = read('docker/compose.yaml')
const { services, volumes, networks } = v.parse(
  v.object({
    services: v.record(v.string(), service),
    volumes: v.record(v.string(), v.strictObject({})),
    networks: v.record(v.string(), v.strictObject({ internal: v.optional(v.boolean(), false) })),
  }),
  parse(source, { merge: true }),
)
type Service = (typeof services)[string]
const named = (name: string): Service => {
  const found = services[name]
  if (!found) throw new Error(`there is no service ${name}`)
  return found
}
const ONCE = ['logins', 'migrate', 'metabase-provision']
const STAY = ['database', 'gateway', 'metabase', 'worker']

test('there are these services, and no other', () => {
  expect(Object.keys(services).toSorted()).toEqual([...ONCE, ...STAY].toSorted())
})

describe.each(Object.entries(services))('%s', (name, { user, restart, healthcheck, networks: on, ...one }) => {
  test('is not root, whatever its image says', () => {
    expect(user).toMatch(/^[1-9]\d+:[1-9]\d+$/)
  })

  test('is kept running and asked how it is, or runs once', () => {
    expect(restart).toBe(STAY.includes(name) ? 'unless-stopped' : 'no')
    expect('test' in healthcheck).toBe(STAY.includes(name))
  })

  test('has a version, or is built here', () => {
    if (one.build) expect(existsSync(join(ROOT, 'docker', one.build.context, one.build.dockerfile))).toBe(true)
    else expect(one.image).toMatch(/:v?\d+\.\d+(\.\d+)*$/)
  })

  test('writes to memory and to named volumes only', () => {
    for (const volume of one.volumes) {
      const [from = '', , mode] = volume.split(':')
      if (from.startsWith('.')) {
        expect(mode).toBe('ro')
        expect(existsSync(join(ROOT, 'docker', from)), from).toBe(true)
      } else {
        expect(Object.keys(volumes)).toContain(from)
      }
    }
    for (const folder of one.tmpfs) expect(folder).toMatch(/^\/[\w/]+:size=\d+m/)
  })

  test('waits for what it needs in the state it needs it', () => {
    for (const [needed, { condition }] of Object.entries(one.depends_on)) {
      const wanted = ONCE.includes(needed) ? 'service_completed_successfully' : 'service_healthy'
      // The provisioning waits by itself, and says meanwhile what for.
      expect([needed, condition]).toEqual([needed, needed === 'metabase' ? 'service_started' : wanted])
    }
    expect(on).toContain('data')
  })
})

test('everything that speaks with the database waits until its login and its tables are there', () => {
  const needs = (name: string): string[] =>
    Object.keys(named(name).depends_on).flatMap((needed) => [needed, ...needs(needed)])
  for (const name of ['gateway', 'worker', 'metabase-provision']) {
    expect(needs(name), name).toEqual(expect.arrayContaining(['migrate', 'logins', 'database']))
  }
  expect(needs('metabase')).toEqual(['logins', 'database'])
})

test('two ports are published: the gateway for everybody, Metabase for this machine', () => {
  const published = Object.entries(services).flatMap(([name, { ports }]) => ports.map((port) => [name, port]))
  expect(published).toEqual([
    ['gateway', `\${GATEWAY_ADDRESS:-0.0.0.0}:3000:3000`],
    ['metabase', `\${METABASE_ADDRESS:-127.0.0.1}:3001:3001`],
  ])
  expect(named('metabase').environment.MB_JETTY_PORT).toBe(3001)
})

test('the network of the database leads nowhere, and only who is published is on another one', () => {
  expect(networks.data).toEqual({ internal: true })
  const outside = Object.keys(services).filter((name) => named(name).networks.some((network) => network !== 'data'))
  expect(outside).toEqual(['gateway', 'metabase'])
})

test('there can be any number of workers: nothing of one is there once only', () => {
  expect(named('worker')).toMatchObject({ ports: [], volumes: [] })
})

test('what waits in the spool outlives its gateway', () => {
  const { environment, volumes: mounted } = named('gateway')
  expect(mounted).toEqual([`spool:${environment.SPOOL_DIR}`])
})

test('PostgreSQL keeps its data where version 18 of its image wants the volume', () => {
  expect(named('database').volumes).toEqual(['database:/var/lib/postgresql'])
  expect(named('database').command).toEqual(expect.arrayContaining(['-cfsync=on', '-csynchronous_commit=on']))
  expect(named('logins').image).toBe(named('database').image)
})

describe('passwords', () => {
  const secret = /PASS|SECRET|_KEY$/

  test('come from .env, each of its own, and the start is refused without one', () => {
    const found = Object.entries(services).flatMap(([name, { environment }]) =>
      Object.entries(environment).flatMap(([key, value]) => (secret.test(key) ? [{ name, key, value }] : [])),
    )
    for (const { name, key, value } of found) {
      const [, variable, advice] = /^\$\{(\w+):\?(.+)\}$/.exec(String(value)) ?? []
      expect(variable, `${name}: ${key}`).toBeDefined()
      expect(advice).toBe(`give ${variable} a value in docker/.env`)
    }
    const variables = new Set(found.map(({ value }) => /\w+/.exec(String(value))?.[0]))
    expect([...variables].toSorted()).toEqual([
      'METABASE_ADMIN_PASSWORD',
      'METABASE_DATABASE_PASSWORD',
      'METABASE_ENCRYPTION_KEY',
      'METABASE_READONLY_PASSWORD',
      'POSTGRES_PASSWORD',
      'RUMEN_DATABASE_PASSWORD',
    ])
  })

  test('are in nothing that is an address or a command, and each login is told its own only', () => {
    for (const [name, { command, entrypoint, environment, healthcheck }] of Object.entries(services)) {
      const probe = 'test' in healthcheck ? healthcheck.test : []
      const said = [...command, ...(entrypoint ?? []), ...probe].join(' ')
      expect(said, name).not.toMatch(secret)
      for (const value of Object.values(environment)) expect(String(value), name).not.toMatch(/:\/\/[^/]*:[^/]*@/)
    }
    const told = (name: string) => Object.keys(named(name).environment).filter((key) => secret.test(key))
    expect(told('gateway')).toEqual(['PGPASSWORD'])
    expect(told('worker')).toEqual(['PGPASSWORD'])
    expect(named('worker').environment.PGPASSWORD).toContain('RUMEN_DATABASE_PASSWORD')
    expect(told('metabase')).toEqual(['MB_DB_PASS', 'MB_ENCRYPTION_SECRET_KEY'])
    expect(told('metabase-provision')).toEqual(['METABASE_ADMIN_PASSWORD', 'METABASE_READONLY_PASSWORD'])
  })

  test('of the logins are those docker/postgres/logins.sql asks for', () => {
    const asked = [...read('docker/postgres/logins.sql').matchAll(/^\\getenv \w+ (\w+)$/gm)].map(([, name]) => name)
    for (const name of asked) expect(named('logins').environment).toHaveProperty(name ?? '')
    expect(asked).toHaveLength(3)
  })
})

describe('docker/.env.example', () => {
  const example = [...read('docker/.env.example').matchAll(/^(# )?([A-Z][A-Z0-9_]*)=(.*)$/gm)]
  const used = [...source.matchAll(/\$\{(\w+):([?-])([^}]*)\}/g)]

  test('has every variable there is, each once, those that are needed without a value', () => {
    const names = example.map(([, , name]) => name)
    expect(names.toSorted()).toEqual([...new Set(used.map(([, name]) => name))].toSorted())
    const needed = new Set(used.filter(([, , kind]) => kind === '?').map(([, name]) => name))
    const written = example.flatMap(([, comment, name = '', value]) => (comment ? [] : [[name, value]]))
    expect(Object.fromEntries(written)).toEqual(Object.fromEntries([...needed].map((name) => [name, ''])))
  })

  test('shows the default of each', () => {
    const shown = Object.fromEntries(example.map(([, , name = '', value]) => [name, value]))
    for (const [, name = '', kind, value] of used) {
      if (kind === '-' && value !== '') expect(shown[name], name).toBe(value)
    }
  })
})

test('what Rumen is told are settings of Rumen', () => {
  for (const name of ['migrate', 'gateway', 'worker']) {
    const { PGPASSWORD: _, ...settings } = named(name).environment
    expect(Object.keys(SETTINGS)).toEqual(expect.arrayContaining(Object.keys(settings)))
  }
})

test('what containers of Rumen run are commands of Rumen', () => {
  const probes = ['gateway', 'worker'].map((name) => {
    const { healthcheck } = named(name)
    return 'test' in healthcheck ? healthcheck.test : []
  })
  expect(probes).toEqual([
    ['CMD', 'rumen', 'health'],
    ['CMD', 'rumen', 'health'],
  ])
  expect(['migrate', 'gateway', 'worker'].map((name) => named(name).command)).toEqual([
    ['migrate'],
    ['serve', 'gateway'],
    ['serve', 'worker'],
  ])
  // The table that is kept equal to the command line.
  for (const command of ['migrate', 'serve', 'health']) {
    expect(read('README.md')).toMatch(new RegExp(`^\\| \`pnpm rumen ${command}\\b`, 'm'))
  }
  expect(read('docker/Dockerfile')).toMatch(/^ENTRYPOINT \["rumen"\]$/m)
  expect(read('docker/Dockerfile')).toContain(`USER ${named('gateway').user}`)
})

test('Metabase is the version its provisioning was written for', () => {
  const [, version] = /^\/\/ Written for Metabase ([\d.]+)\./m.exec(read('docker/metabase/provision.ts')) ?? []
  expect(named('metabase').image).toBe(`metabase/metabase:v${version}`)
  expect(read('docs/metabase.md')).toContain(`Metabase ${version}`)
})
