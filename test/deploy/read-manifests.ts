import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAllDocuments } from 'yaml'

/** An object of Kubernetes', as far as it is looked at here. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Labels }
  spec: Spec
  data?: Record<string, string>
}

export type Labels = Record<string, string>

interface Spec {
  replicas?: number
  serviceName?: string
  // A Service's is labels themselves, everybody else's holds them.
  selector?: Labels & { matchLabels?: Labels }
  podSelector?: { matchLabels?: Labels }
  template?: { metadata: { labels: Labels }; spec: PodSpec }
  volumeClaimTemplates?: { metadata: { name: string }; spec: { resources: { requests: { storage: string } } } }[]
  persistentVolumeClaimRetentionPolicy?: Record<string, string>
  scaleTargetRef?: { kind: string; name: string }
  minReplicas?: number
  minReplicaCount?: number
  maxReplicas?: number
  maxUnavailable?: number
  ports?: { name: string; port: number; targetPort: string }[]
  policyTypes?: string[]
  ingress?: PolicyRule[]
  egress?: PolicyRule[]
  triggers?: { type: string; metadata: Record<string, string>; authenticationRef?: { name: string } }[]
  secretTargetRef?: { name: string; key: string }[]
}

interface PolicyRule {
  from?: { namespaceSelector?: { matchLabels: Labels } }[]
  to?: unknown[]
  ports: { protocol: string; port: number }[]
}

interface PodSpec {
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
  securityContext: Record<string, unknown>
  topologySpreadConstraints?: { topologyKey: string; labelSelector: { matchLabels: Labels } }[]
  containers: Container[]
}

export interface Container {
  name: string
  image: string
  args: string[]
  envFrom: { configMapRef?: { name: string }; secretRef?: { name: string } }[]
  ports?: { name: string; containerPort: number }[]
  startupProbe?: Probe
  livenessProbe?: Probe
  readinessProbe?: Probe
  resources: { requests: Record<string, string>; limits: Record<string, string> }
  securityContext: Record<string, unknown>
  volumeMounts?: { name: string; mountPath: string }[]
}

interface Probe {
  httpGet: { path: string; port: string }
  periodSeconds: number
  failureThreshold: number
}

/** `docker/kubernetes/` */
export const KUBERNETES = fileURLToPath(new URL('../../docker/kubernetes/', import.meta.url))

/** Every object of these folders, as it is written there: what kustomize would change of it is not. */
export function readManifests(...folders: readonly string[]): Manifest[] {
  return folders.flatMap((folder) =>
    readdirSync(KUBERNETES + folder)
      .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
      .flatMap((name) => parseManifests(readFileSync(`${KUBERNETES}${folder}/${name}`, 'utf8'))),
  )
}

export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).map((document) => {
    const [mistake] = document.errors
    if (mistake) throw mistake
    const manifest: Manifest = { spec: {}, ...document.toJS() }
    return manifest
  })
}

/** What stands in a file of settings, `NAME=value` line by line. */
export function readEnvFile(path: string): Record<string, string> {
  const lines = readFileSync(KUBERNETES + path, 'utf8').split('\n')
  return Object.fromEntries(
    lines.flatMap((line) => [...line.matchAll(/^(\w+)=(.*)$/g)].map(([, name, value]) => [name, value])),
  )
}

/** Whether a selector takes what has these labels. */
export function selects(selector: Labels | undefined, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([name, value]) => labels[name] === value)
}
