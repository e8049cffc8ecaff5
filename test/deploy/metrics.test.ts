import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { readAlerts, readPanels, readScrape, type Selector, selectorsOf } from './named-metrics.ts'
import { readManifests } from './read-manifests.ts'

// A rule for a metric that nobody has never fires, and a panel stays empty: what they name is looked for in real processes.

const alerts = readAlerts()
const panels = readPanels().filter(({ type }) => type !== 'row')

/** Metric → label → the values there are. */
type Exposed = Map<string, Map<string, Set<string>>>

let stack: Stack
let exposed: Exposed

beforeAll(async () => {
  stack = await startStack()
  // Once the numbers of the whole are there, which processes tell of each other.
  exposed = await waitFor('the gauges of the processes', async () => {
    const seen = parseExposed(await Promise.all([...stack.gateways, ...stack.workers].map(readText)))
    return ['rumen_gateway_processes', 'rumen_worker_processes'].every((name) => seen.get(name)?.has('state')) && seen
  })
  // One that is refused, for a reason to be there.
  await postEnvelope(stack.gatewayUrl, stack.project, 'no envelope')
  await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(makeEvent()))
  exposed = parseExposed(await Promise.all([...stack.gateways, ...stack.workers].map(readText)))
})

afterAll(() => stack?.stop())

async function readText({ adminPort }: { adminPort: number }): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text()
}

/** A metric whose value nobody knows yet has its TYPE and no sample. */
function parseExposed(texts: readonly string[]): Exposed {
  const metrics: Exposed = new Map([['up', new Map()]])
  for (const line of texts.flatMap((text) => text.split('\n'))) {
    const [, declared, type] = /^# TYPE (\w+) (\w+)/.exec(line) ?? []
    const names = type === 'histogram' ? ['bucket', 'sum', 'count'].map((part) => `${declared}_${part}`) : [declared]
    for (const name of names) if (name) metrics.set(name, metrics.get(name) ?? new Map())
    const [, sampled = '', labels = ''] = /^(\w+)\{(.*)\} /.exec(line) ?? []
    const known = metrics.get(sampled)
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      known?.set(label, (known.get(label) ?? new Set()).add(value))
    }
  }
  return metrics
}

/** What of an expression no process has. */
function missingOf(expr: string): string[] {
  return selectorsOf(expr).flatMap(({ name, wanted, labels }: Selector) => {
    const known = exposed.get(name)
    if (!known) return [name]
    return [
      ...labels.filter((label) => !known.has(label)).map((label) => `${name}{${label}}`),
      ...wanted
        .filter(({ label, value }) => !known.get(label)?.has(value))
        .map((one) => `${name}{${one.label}="${one.value}"}`),
    ]
  })
}

test('every metric, label and value an alert names is exposed', () => {
  expect(alerts.length).toBeGreaterThan(15)
  expect(alerts.flatMap(({ alert, expr }) => missingOf(expr).map((what) => `${alert}: ${what}`))).toEqual([])
})

test('every metric, label and value a panel names is exposed', () => {
  const targets = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })))
  expect(targets.length).toBeGreaterThan(40)
  expect(targets.filter(({ expr }) => selectorsOf(expr).length === 0)).toEqual([])
  expect(targets.flatMap(({ title, expr }) => missingOf(expr).map((what) => `${title}: ${what}`))).toEqual([])
})

test('every number of ours that is exposed is on the dashboard', () => {
  const shown = new Set(
    panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name))),
  )
  const stems = new Set([...shown].map((name) => name.replace(/_(bucket|sum|count)$/, '')))
  const ours = [...exposed.keys()].filter((name) => name.startsWith('rumen_'))
  // The same number, whoever of the two is asked: one is enough.
  const twin = (name: string) =>
    name.replace(/^rumen_(gateway|worker)_/, (_, role) => `rumen_${role === 'gateway' ? 'worker' : 'gateway'}_`)
  const stem = (name: string) => name.replace(/_(bucket|sum|count)$/, '')
  const unseen = ours.filter((name) => ![name, twin(name)].some((one) => stems.has(stem(one)) || shown.has(one)))
  expect(unseen).toEqual([])
})

test('alerts know the jobs by the names that Prometheus gives them, on machines and in Kubernetes', () => {
  const jobs = new Set(alerts.flatMap(({ expr }) => [...expr.matchAll(/job="([^"]+)"/g)].map(([, job]) => job)))
  const machines = readScrape('scrape.yaml').map(({ job_name }) => job_name)
  expect(machines).toEqual([...jobs])
  const steps = readScrape('scrape-kubernetes.yaml').flatMap(({ relabel_configs = [] }) => relabel_configs)
  const servers = readManifests('base').flatMap(({ spec }) => spec.template ?? [])
  const named = servers.map(({ metadata, spec }) => {
    const label = (name: string) => metadata.labels[`app.kubernetes.io/${name}`] ?? ''
    expect(spec.containers[0]?.ports?.map(({ name }) => name)).toContain('admin')
    expect(steps.find(({ action }) => action === 'keep')?.regex).toBe(`${label('name')};admin`)
    const job = steps.find(({ target_label }) => target_label === 'job')
    return job?.replacement?.replace('$1', label('component'))
  })
  expect(named.toSorted()).toEqual([...jobs].toSorted())
})

describe('an alert', () => {
  const headings = [
    ...readFileSync(fileURLToPath(new URL('../../docs/alerts.md', import.meta.url)), 'utf8').matchAll(
      /^### (\w+)\n\n(.+)/gm,
    ),
  ]

  test.each(alerts)(
    '$alert says how bad it is, what it is, and where to read what to do',
    ({ alert, labels, annotations }) => {
      expect(['critical', 'warning']).toContain(labels.severity)
      expect(annotations.summary).toMatch(/^[A-Z{].*\.$/)
      expect(annotations.runbook).toBe(`docs/alerts.md#${alert.toLowerCase()}`)
      expect(headings.map(([, heading]) => heading)).toContain(alert)
    },
  )

  test('has one name, and none is written about that is gone', () => {
    const names = alerts.map(({ alert }) => alert)
    expect(new Set(names).size).toBe(names.length)
    expect(headings.map(([, heading]) => heading).toSorted()).toEqual(names.toSorted())
  })
})

test('panels have numbers of their own, a place nobody else has, and the data source one chooses', () => {
  const places = readPanels()
  expect(new Set(places.map(({ id }) => id)).size).toBe(places.length)
  for (const one of places) {
    const { x, y, w, h } = one.gridPos
    expect(x + w).toBeLessThanOrEqual(24)
    const over = places.filter(({ id, gridPos: other }) => {
      const beside = other.x >= x + w || x >= other.x + other.w || other.y >= y + h || y >= other.y + other.h
      return id !== one.id && !beside
    })
    expect(
      over.map(({ title }) => title),
      one.title,
    ).toEqual([])
  }
  expect(panels.filter(({ datasource }) => datasource?.uid !== '$' + '{datasource}')).toEqual([])
})
