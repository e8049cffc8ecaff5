import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'

export interface Alert {
  alert: string
  expr: string
  for?: string
  labels: { severity: string }
  annotations: { summary: string; runbook: string }
}

interface Panel {
  id: number
  type: string
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  datasource?: { uid: string }
  targets?: { expr: string; legendFormat: string }[]
}

/** What an expression asks for: the series of a name, where a label has a value, or does not. */
export interface Selector {
  name: string
  /** Values that must exist for the expression to mean something: of `label="…"` and `label=~"a|b"`. */
  wanted: readonly { label: string; value: string }[]
  /** Every label it names, in `by` too. */
  labels: readonly string[]
}

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../docker/${path}`, import.meta.url)), 'utf8')

export function readAlerts(): Alert[] {
  const { groups }: { groups: { rules: Alert[] }[] } = parse(read('prometheus/rules.yaml'))
  return groups.flatMap(({ rules }) => rules)
}

export function readPanels(): Panel[] {
  const { panels }: { panels: Panel[] } = JSON.parse(read('grafana/rumen.json'))
  return panels
}

interface Scrape {
  job_name: string
  relabel_configs?: { action?: string; regex?: string; target_label?: string; replacement?: string }[]
}

/** Of a file in `docker/prometheus`. */
export function readScrape(name: string): Scrape[] {
  const { scrape_configs }: { scrape_configs: Scrape[] } = parse(read(`prometheus/${name}`))
  return scrape_configs
}

/** Names that are ours, Node's or Prometheus' own; everything else in an expression is its language. */
const METRIC = /\b((?:rumen|nodejs|process)_\w+|up)\b(?:\{([^}]*)\})?/g

export function selectorsOf(expr: string): Selector[] {
  const by = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))
  return [...expr.matchAll(METRIC)].map(([, name = '', matchers = '']) => {
    const matched = [...matchers.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)]
    const wanted = matched
      .filter(([, label, operator]) => label !== 'job' && !operator?.startsWith('!'))
      .flatMap(([, label = '', , values = '']) => values.split('|').map((value) => ({ label, value })))
    const labels = [...by, ...matched.map(([, label = '']) => label)]
    // A scrape adds these; `le` is the histogram's.
    return { name, wanted, labels: labels.filter((label) => !['job', 'instance', 'le'].includes(label)) }
  })
}
