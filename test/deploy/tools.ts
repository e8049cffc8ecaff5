import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** A program that checks what we deploy, without an engine or a cluster. */
export interface Tool {
  name: 'kubectl' | 'promtool' | 'docker-compose'
  /** Debian's package that brings it. */
  package: string
  /**
   * Whether the package is to be unpacked beside the checkout's state and not installed: what else is in it would be of no use,
   * or, as Prometheus, be started as a service.
   */
  isUnpacked: boolean
  /** Why this one will not do; null: it will. */
  faultOf(path: string): string | null
}

/** Where packages are unpacked. */
export const UNPACKED = fileURLToPath(new URL('../../.rumen/tools', import.meta.url))

/** The kustomize in older ones does not know `components`. */
const KUBECTL_MINOR_MIN = 21

export const TOOLS: readonly Tool[] = [
  { name: 'kubectl', package: 'kubernetes-client', isUnpacked: true, faultOf: faultOfKubectl },
  { name: 'promtool', package: 'prometheus', isUnpacked: true, faultOf: () => null },
  { name: 'docker-compose', package: 'docker-compose', isUnpacked: false, faultOf: () => null },
]

function faultOfKubectl(path: string): string | null {
  const { stdout } = spawnSync(path, ['version', '--client', '--output=json'], { encoding: 'utf8' })
  const [, minor] = /"minor":\s*"(\d+)/.exec(stdout) ?? []
  return Number(minor) >= KUBECTL_MINOR_MIN
    ? null
    : `kubectl is 1.${minor}, and 1.${KUBECTL_MINOR_MIN} or newer is needed`
}

/** Its path where it is on this machine and will do, else why not. */
export function findTool({ name, faultOf }: Pick<Tool, 'name' | 'faultOf'>): { path: string } | { missing: string } {
  const [path] = [`/usr/bin/${name}`, `/usr/local/bin/${name}`, `${UNPACKED}/usr/bin/${name}`].filter(existsSync)
  if (path === undefined) return { missing: `${name} is not here; \`pnpm test:deploy\` brings it` }
  const fault = faultOf(path)
  return fault === null ? { path } : { missing: fault }
}

export interface ToolRun {
  exitCode: number | null
  stdout: string
  stderr: string
}

/**
 * Runs a tool in a test. Where it is not on this machine the test is skipped, saying why; in a run of `pnpm test:deploy` it fails.
 */
export function toolOf(name: Tool['name'], skip: (note: string) => never) {
  const tool = TOOLS.find((one) => one.name === name)
  const found = tool ? findTool(tool) : { missing: `${name} is no tool of ours` }
  if ('missing' in found) {
    if (process.env.RUMEN_TEST_DEPLOY === 'all') throw new Error(found.missing)
    return skip(found.missing)
  }
  return (words: readonly string[], { cwd, env }: { cwd?: string; env?: Record<string, string> } = {}): ToolRun => {
    const { status, stdout, stderr } = spawnSync(found.path, words, {
      encoding: 'utf8',
      ...(cwd === undefined ? {} : { cwd }),
      env: { PATH: process.env.PATH, HOME: UNPACKED, ...env },
    })
    return { exitCode: status, stdout, stderr }
  }
}
