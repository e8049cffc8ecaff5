import { hash } from 'node:crypto'
import type { ProjectId } from '@rumen/protocol/brand'
import { chunksOf } from '../chunks-of.ts'
import type { Db, Tx } from '../connect.ts'
import { type Day, dayOf } from '../partition/day.ts'
import { type Dimension, OTHER } from './dimensions.ts'
import { type FoundValue, useValues } from './use-values.ts'

export type Scalar = string | number | null

/** One value of a dimension: what its columns hold, in their order. */
export interface DimensionValue {
  /** Ignored by shared vocabularies. */
  projectId: ProjectId
  values: readonly Scalar[]
}

// A worker that inserts the same value at the same moment makes one more look necessary, rarely two; so does a bound that
// is reached, and a value that expires just then.
const LOOKS_MAX = 6

/**
 * Ids of the values, in their order, all of them committed. Beyond a dimension's bound it is the id of `(other)`, or null
 * where a dimension cannot say that. Values are noted as used on `today`: until that UTC day's reports are dropped they
 * keep their ids, so whoever remembers an id may do so for that day. One statement for every ten thousand values, and one more
 * when some of them are beyond the bound.
 */
export async function resolveValues(
  db: Db | Tx,
  dimension: Dimension,
  wanted: readonly DimensionValue[],
  today: Day = dayOf(new Date()),
): Promise<readonly (number | null)[]> {
  let values: readonly (AddressedValue | null)[] = wanted.map((value) => addressed(dimension, value))
  const ids = new Map<string, number>()
  for (let look = 1; look <= LOOKS_MAX; look++) {
    const unknown = new Map<string, AddressedValue>()
    for (const value of values) if (value && !ids.has(value.address)) unknown.set(value.address, value)
    if (unknown.size === 0) return values.map((value) => (value && ids.get(value.address)) ?? null)
    const full = new Set<string>()
    const rows = unknown.values().map((value) => rowOf(dimension, value, today))
    for (const some of chunksOf(rows.toArray(), ROWS_MAX)) {
      for (const row of await db.execute<FoundValue>(useValues(dimension, some))) {
        const address = addressOf(dimension, row.project_id, row.key)
        if (row.id === null) full.add(address)
        else ids.set(address, Number(row.id))
      }
    }
    values = values.map((value) => (value && full.has(value.address) ? otherOf(dimension, value) : value))
  }
  throw new Error(`values of ${dimension.columns.join(', ')} vanished while they were being written`)
}

/** A batch of usual size has fewer; one of thousands of logs would be a statement of half a minute. */
const ROWS_MAX = 10_000

interface AddressedValue extends DimensionValue {
  key: string
  /** What tells it from the other values of its dimension. */
  address: string
}

function addressed(dimension: Dimension, { projectId, values }: DimensionValue): AddressedValue {
  const key = keyOf(values)
  return { projectId, values, key, address: addressOf(dimension, projectId, key) }
}

function addressOf({ perProject }: Dimension, projectId: string, key: string): string {
  return perProject ? `${projectId} ${key}` : key
}

/** 16 bytes of the SHA-256 of the columns, as a UUID. Nulls are told from empty texts. */
function keyOf(values: readonly Scalar[]): string {
  const hex = hash('sha256', JSON.stringify(values), 'hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`
}

/** What stands for a value there is no place for. */
function otherOf(dimension: Dimension, { projectId, values }: AddressedValue): AddressedValue | null {
  const { columns, bound } = dimension
  if (!bound?.open.length) return null
  const other = columns.map((column, at) => (bound.open.includes(column) ? OTHER : (values[at] ?? null)))
  return addressed(dimension, { projectId, values: other })
}

function rowOf({ columns, days }: Dimension, { projectId, key, values }: AddressedValue, today: Day) {
  return {
    project_id: projectId,
    key,
    ...Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null])),
    ...Object.fromEntries(days.map((day) => [day, today])),
  }
}
