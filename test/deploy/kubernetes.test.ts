import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSettings } from '@rumen/config/read-settings'
import { SETTINGS } from '@rumen/config/settings'
import { expect, test } from 'vitest'
import { environmentOf, readDockerfile, valuesOf } from './read-dockerfile.ts'
import { type Container, type Labels, type Manifest, readEnvFile, readManifests, selects } from './read-manifests.ts'

// The manifests as they are written. tool-checks.test.ts builds them where there is a kubectl.

const base = readManifests('base')
const all = [...base, ...readManifests('keda', 'migrate', 'example')]
const dockerfile = readFileSync(fileURLToPath(new URL('../../docker/Dockerfile', import.meta.url)), 'utf8')
const image = readDockerfile(dockerfile).at(-1) ?? { image: '', name: '', instructions: [] }
const settings = readSettings({ ...Object.fromEntries(environmentOf(image)), ...readEnvFile('base/settings.env') })

interface Workload extends Manifest {
  labels: Labels
  pod: NonNullable<Manifest['spec']['template']>['spec']
  container: Container
}

const workloads: readonly Workload[] = all.flatMap((manifest) => {
  const { template } = manifest.spec
  const container = template?.spec.containers[0]
  return template && container ? { ...manifest, labels: template.metadata.labels, pod: template.spec, container } : []
})
const servers = workloads.filter(({ kind }) => kind !== 'Job')
const ofKind = (kind: string, manifests: readonly Manifest[] = all) => manifests.filter((one) => one.kind === kind)

function workload(name: string): Workload {
  const found = workloads.find(({ metadata }) => metadata.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return found
}

test('gateways keep a disk of their own, workers need none, and a job migrates', () => {
  expect(workloads.map(({ kind, container }) => `${kind}: rumen ${container.args.join(' ')}`)).toEqual([
    'StatefulSet: rumen serve gateway',
    'Deployment: rumen serve worker',
    'Job: rumen migrate',
  ])
})

test.each(workloads)('$metadata.name may do nothing it does not need', ({ pod, container }) => {
  const [user] = valuesOf(image.instructions, 'USER').flatMap((value) => value.split(':'))
  expect(pod.securityContext).toMatchObject({
    runAsNonRoot: true,
    runAsUser: Number(user),
    runAsGroup: Number(user),
    seccompProfile: { type: 'RuntimeDefault' },
  })
  expect(container.securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  })
  expect(pod.automountServiceAccountToken).toBe(false)
  expect(pod.containers).toHaveLength(1)
  expect(container.resources).toEqual({
    requests: { cpu: expect.any(String), memory: expect.any(String) },
    limits: { memory: expect.any(String) },
  })
  expect(container.image, 'the tag is the overlay’s').toBe('rumen')
})

test.each(servers)('$metadata.name is alive while it answers, and ready while it can work', ({ container }) => {
  const { startupProbe, livenessProbe, readinessProbe } = container
  // Not /health: it turns red with the database, and a process that is started again finds the same one.
  expect(livenessProbe?.httpGet).toEqual({ path: '/metrics', port: 'admin' })
  expect(startupProbe?.httpGet).toEqual({ path: '/metrics', port: 'admin' })
  expect(readinessProbe?.httpGet).toEqual({ path: '/ready', port: 'admin' })
  const startSeconds = (startupProbe?.periodSeconds ?? 0) * (startupProbe?.failureThreshold ?? 0)
  expect(startSeconds, 'a migration may take minutes').toBeGreaterThanOrEqual(600)
})

test('ports are those of the settings, and each service leads to one', () => {
  const ports = (name: string) =>
    Object.fromEntries(workload(name).container.ports?.map((one) => [one.name, one.containerPort]) ?? [])
  expect(ports('rumen-gateway')).toEqual({ http: settings.GATEWAY_PORT, admin: settings.GATEWAY_ADMIN_PORT })
  expect(ports('rumen-worker')).toEqual({ admin: settings.WORKER_ADMIN_PORT })
  for (const { metadata, spec } of ofKind('Service')) {
    const chosen = servers.filter(({ labels }) => selects(spec.selector, labels))
    expect(chosen, metadata.name).toHaveLength(1)
    const targets = spec.ports?.map(({ targetPort }) => targetPort) ?? []
    expect(chosen[0]?.container.ports?.map(({ name }) => name)).toEqual(expect.arrayContaining(targets))
  }
  expect(ofKind('Service').map(({ metadata }) => metadata.name)).toContain(workload('rumen-gateway').spec.serviceName)
})

test('each has the time to stop that it may take', () => {
  for (const { pod } of servers) {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(settings.STOP_DELAY_SECS + 10)
  }
})

const GiB = 1024 ** 3

test('a spool lies where the image spools, on a claim with room for it that outlives its pod', () => {
  const { spec, container } = workload('rumen-gateway')
  const [claim] = spec.volumeClaimTemplates ?? []
  const mount = container.volumeMounts?.find(({ name }) => name === claim?.metadata.name)
  expect(mount?.mountPath).toBe(settings.SPOOL_DIR)
  const [, gibibytes] = /^(\d+)Gi$/.exec(claim?.spec.resources.requests.storage ?? '') ?? []
  expect(Number(gibibytes) * GiB).toBeGreaterThan(settings.SPOOL_MAX_BYTES + settings.MIN_FREE_DISK_BYTES)
  expect(spec.persistentVolumeClaimRetentionPolicy).toEqual({ whenScaled: 'Retain', whenDeleted: 'Retain' })
})

test.each(servers)(
  '$metadata.name is scaled by one, spread over nodes and zones, and never gone as a whole',
  (server) => {
    const isOf = ({ spec }: Manifest) => spec.scaleTargetRef?.name === server.metadata.name
    const scalers = ofKind('HorizontalPodAutoscaler').filter(isOf)
    expect(scalers).toHaveLength(1)
    expect(scalers[0]?.spec.scaleTargetRef?.kind).toBe(server.kind)
    expect(scalers[0]?.spec.minReplicas).toBeGreaterThanOrEqual(2)
    expect(server.spec.replicas, 'an apply would undo what the autoscaler did').toBeUndefined()
    const budgets = ofKind('PodDisruptionBudget').filter(({ spec }) =>
      selects(spec.selector?.matchLabels, server.labels),
    )
    expect(budgets.map(({ spec }) => spec.maxUnavailable)).toEqual([1])
    const spread = server.pod.topologySpreadConstraints ?? []
    expect(spread.map(({ topologyKey }) => topologyKey)).toEqual([
      'topology.kubernetes.io/zone',
      'kubernetes.io/hostname',
    ])
    for (const { labelSelector } of spread) expect(selects(labelSelector.matchLabels, server.labels)).toBe(true)
  },
)

test('KEDA takes the place of the autoscaler of the workers', () => {
  const [scaled] = ofKind('ScaledObject')
  expect(scaled?.spec.scaleTargetRef).toMatchObject({ kind: 'Deployment', name: 'rumen-worker' })
  expect(scaled?.spec.minReplicaCount).toBeGreaterThanOrEqual(2)
  expect(scaled?.spec.triggers?.map(({ type }) => type)).toEqual(['postgresql', 'cpu'])
})

/** `<direction> <who> <namespace or *>: <ports>` */
function allowed({ spec }: Manifest): string[] {
  const who = spec.podSelector?.matchLabels?.['app.kubernetes.io/component'] ?? 'all'
  const line = (direction: string, from: string, ports: readonly { protocol: string; port: number }[]) =>
    `${direction} ${who} ${from}: ${ports.map(({ protocol, port }) => `${protocol} ${port}`).join(', ')}`
  const nameOf = (one: unknown) => JSON.stringify(one).match(/"kubernetes\.io\/metadata\.name":"([^"]+)"/)?.[1] ?? '?'
  return [
    ...(spec.ingress ?? []).map(({ from, ports }) => line('in', from?.map(nameOf).join() ?? '*', ports)),
    ...(spec.egress ?? []).map(({ to, ports }) => line('out', to?.map(nameOf).join() ?? '*', ports)),
  ]
}

test('nothing is let in or out but events, monitoring, names and the database', () => {
  const policies = ofKind('NetworkPolicy', base)
  const [deny] = policies.filter((one) => allowed(one).length === 0)
  expect(deny?.spec.policyTypes).toEqual(['Ingress', 'Egress'])
  for (const { labels } of workloads) expect(selects(deny?.spec.podSelector?.matchLabels, labels)).toBe(true)
  expect(policies.flatMap(allowed).toSorted()).toEqual([
    `in all monitoring: TCP ${settings.GATEWAY_ADMIN_PORT}, TCP ${settings.WORKER_ADMIN_PORT}`,
    `in gateway ingress-nginx: TCP ${settings.GATEWAY_PORT}`,
    'out all *: TCP 5432',
    'out all kube-system: UDP 53, TCP 53',
  ])
})

test('settings are settings, and what is secret comes from a Secret that nobody wrote down', () => {
  const example = { ...readEnvFile('example/settings.env'), ...readEnvFile('example/database.env.example') }
  expect(readSettings(example)).toMatchObject({ RETENTION_DAYS: 90 })
  const plain = { ...readEnvFile('base/settings.env'), ...readEnvFile('example/settings.env') }
  expect(Object.keys(plain).filter((name) => !Object.hasOwn(SETTINGS, name))).toEqual([])
  expect(Object.keys(plain).filter((name) => /DATABASE_(DIRECT_)?URL|SECRET|PASSWORD/.test(name))).toEqual([])
  expect(ofKind('Secret')).toEqual([])
  for (const { container } of workloads) {
    expect(container.envFrom).toContainEqual({ secretRef: { name: 'rumen-database' } })
  }
  const ignored = readFileSync(fileURLToPath(new URL('../../.gitignore', import.meta.url)), 'utf8')
  for (const name of ['database.env', 'keda.env']) expect(ignored).toContain(`docker/kubernetes/**/${name}`)
})
