import { cp, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { type TemporaryFolder, temporaryFolder } from '../support/temporary-folder.ts'
import { KUBERNETES, type Manifest, parseManifests } from './read-manifests.ts'
import { toolOf } from './tools.ts'

// What the tools of others say of our files. `pnpm test:deploy` brings them; without one its tests are left out.

const docker = (path: string) => fileURLToPath(new URL(`../../docker/${path}`, import.meta.url))
const TOOL_MS_MAX = 120_000

let folder: TemporaryFolder

beforeAll(async () => {
  folder = await temporaryFolder('rumen-deploy-')
  await cp(KUBERNETES, join(folder.path, 'kubernetes'), { recursive: true })
  for (const name of ['database.env', 'keda.env']) {
    const example = join(folder.path, 'kubernetes', 'example', name)
    await cp(`${example}.example`, example)
  }
})

afterAll(() => folder?.remove())

const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`

test('kustomize builds a cluster of the example: of one version, in one namespace, and nothing names what is not there', ({
  skip,
}) => {
  const kubectl = toolOf('kubectl', skip)
  const { exitCode, stdout, stderr } = kubectl(['kustomize', join(folder.path, 'kubernetes', 'example')])
  expect(exitCode, stderr).toBe(0)
  const manifests = parseManifests(stdout)
  const names = manifests.map(nameOf)
  expect(names).toEqual(
    expect.arrayContaining(['StatefulSet rumen-gateway', 'Deployment rumen-worker', 'Namespace rumen']),
  )
  expect(
    manifests.filter(({ kind, metadata }) => kind !== 'Namespace' && metadata.namespace !== 'rumen').map(nameOf),
  ).toEqual([])

  const containers = manifests.flatMap(({ spec }) => spec.template?.spec.containers ?? [])
  expect(containers.map(({ image }) => image)).toEqual(Array(2).fill('registry.example.com/rumen:0.1.0'))
  const wanted = [
    ...containers
      .flatMap(({ envFrom }) => envFrom)
      .flatMap(({ configMapRef, secretRef }) => [
        ...(configMapRef ? [`ConfigMap ${configMapRef.name}`] : []),
        ...(secretRef ? [`Secret ${secretRef.name}`] : []),
      ]),
    ...manifests.flatMap(({ spec }) => spec.secretTargetRef ?? []).map(({ name }) => `Secret ${name}`),
    ...manifests
      .flatMap(({ spec }) => spec.triggers ?? [])
      .flatMap(({ authenticationRef }) => {
        return authenticationRef ? `TriggerAuthentication ${authenticationRef.name}` : []
      }),
    ...manifests.flatMap(({ spec }) => spec.scaleTargetRef ?? []).map(({ kind, name }) => `${kind} ${name}`),
  ]
  expect(wanted.filter((name) => !names.includes(name))).toEqual([])
})

test('the example’s settings are the base’s and its own; KEDA alone scales workers; the database has an address', ({
  skip,
}) => {
  const kubectl = toolOf('kubectl', skip)
  const { stdout } = kubectl(['kustomize', join(folder.path, 'kubernetes', 'example')])
  const manifests = parseManifests(stdout)
  const find = (kind: string) => manifests.filter((one) => one.kind === kind)
  expect(find('ConfigMap').map(({ data }) => data)).toEqual([
    expect.objectContaining({ STOP_DELAY_SECS: '4', PUBLIC_URL: 'https://errors.example.com' }),
  ])
  expect(find('HorizontalPodAutoscaler').map(({ metadata }) => metadata.name)).toEqual(['rumen-gateway'])
  expect(find('ScaledObject')).toHaveLength(1)
  const policy = find('NetworkPolicy').find(({ metadata }) => metadata.name === 'rumen-database')
  expect(policy?.spec.egress).toEqual([
    { to: [{ ipBlock: { cidr: '10.0.0.5/32' } }], ports: [{ protocol: 'TCP', port: 5432 }] },
  ])
})

test('kustomize builds the job that migrates, beside the cluster it belongs to', ({ skip }) => {
  const kubectl = toolOf('kubectl', skip)
  const { exitCode, stdout, stderr } = kubectl(['kustomize', join(folder.path, 'kubernetes', 'example', 'migrate')])
  expect(exitCode, stderr).toBe(0)
  expect(parseManifests(stdout)).toMatchObject([
    {
      kind: 'Job',
      metadata: { namespace: 'rumen' },
      spec: { template: { spec: { containers: [{ image: 'registry.example.com/rumen:0.1.0', args: ['migrate'] }] } } },
    },
  ])
})

test('the base is enough without KEDA', ({ skip }) => {
  const kubectl = toolOf('kubectl', skip)
  const { exitCode, stdout, stderr } = kubectl(['kustomize', join(KUBERNETES, 'base')])
  expect(exitCode, stderr).toBe(0)
  expect(parseManifests(stdout).map(nameOf)).toContain('HorizontalPodAutoscaler rumen-worker')
})

test('Prometheus takes the rules and the ways to find Rumen', ({ skip }) => {
  const promtool = toolOf('promtool', skip)
  const rules = promtool(['check', 'rules', docker('prometheus/rules.yaml')])
  expect(rules.exitCode, rules.stderr).toBe(0)
  const scrape = promtool(['check', 'config', '--syntax-only', docker('prometheus/scrape.yaml')])
  expect(scrape.exitCode, scrape.stderr).toBe(0)
})

test(
  'alerts fire when they should, and not before',
  ({ skip }) => {
    const promtool = toolOf('promtool', skip)
    const { exitCode, stderr } = promtool(['test', 'rules', docker('prometheus/rules.test.yaml')])
    expect(exitCode, stderr).toBe(0)
  },
  TOOL_MS_MAX,
)

test(
  'Compose takes its file, and no password may be missing',
  async ({ skip }) => {
    const compose = toolOf('docker-compose', skip)
    const example = await readFile(docker('.env.example'), 'utf8')
    const secrets = [...example.matchAll(/^(\w+)=$/gm)].flatMap(([, name]) => name ?? [])
    expect(secrets.length).toBeGreaterThan(3)
    const config = (env: Record<string, string>) =>
      compose(['--file', docker('compose.yaml'), 'config'], { cwd: folder.path, env })
    const given = Object.fromEntries(secrets.map((name) => [name, `value-of-${name}`]))
    const { exitCode, stdout, stderr } = config(given)
    expect(exitCode, stderr).toBe(0)
    const { services }: { services: Record<string, unknown> } = parse(stdout)
    expect(Object.keys(services)).toEqual(expect.arrayContaining(['database', 'gateway', 'worker', 'metabase']))
    const file = await readFile(docker('compose.yaml'), 'utf8')
    for (const name of secrets) expect(file, name).toContain(`\${${name}:?`)
    const refused = config({})
    expect(refused.exitCode).not.toBe(0)
    expect(refused.stderr).toMatch(new RegExp(`give (${secrets.join('|')}) a value`))
  },
  TOOL_MS_MAX,
)
