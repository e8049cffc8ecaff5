import { hash } from 'node:crypto'
import type { Db, Tx } from '@rumen/db/connect'
import { DIMENSIONS, type Dimension, type DimensionName } from '@rumen/db/dimension/dimensions'
import { type DimensionValue, resolveValues, type Scalar } from '@rumen/db/dimension/resolve-values'
import { type Day, dayOf } from '@rumen/db/partition/day'
import type { ProjectId } from '@rumen/protocol/brand'
import type { Event } from '@rumen/protocol/event'
import { createBoundedCache } from './bounded-cache.ts'
import { DIMENSION_VALUES } from './dimension-values.ts'

/** `platform_id` … `url_id` of a report, null where the event has no value, and its `tag_ids` in order. */
export interface ReportDimensions {
  columns: Readonly<Record<string, number | null>>
  tagIds: readonly number[]
}

/** What items beside events name; null where they name none. */
type Names<Value> = Readonly<Record<'transaction' | 'release' | 'environment', Value | null>>

export interface DimensionIds {
  /**
   * The ids of all values of the events, and of what other items name, each in their order; missing values are written and
   * committed first.
   */
  resolve(
    events: readonly { projectId: ProjectId; event: Event }[],
    others: readonly ({ projectId: ProjectId } & Names<string>)[],
  ): Promise<{ events: readonly ReportDimensions[]; names: readonly Names<number>[] }>
}

/** Ids that are remembered from one batch to the next. */
export interface RememberedIds extends DimensionIds {
  /**
   * Forgets what it knows of projects' own values when somebody was erased from one of the projects since it last heard of
   * that: their rows name nobody any more.
   */
  heedErasures(projects: readonly { projectId: ProjectId; erasureId: number | null }[]): void
}

/** Per dimension: releases, users and messages are many, and a miss costs a row in a statement that is sent anyway. */
const CACHED_VALUES_MAX = 20_000
const KEY_CHARS_MAX = 64

const COLUMNS = Object.entries(DIMENSION_VALUES).map(([name, read]) => ({
  name: name as Exclude<DimensionName, 'tag'>,
  column: `${name}_id`,
  read: read as (event: Event) => readonly Scalar[],
}))

/**
 * A worker's memory of dimension ids: of committed rows only. Those of a project's own values are good for one UTC day: the
 * first use on another day is what tells the database that a value is still in use.
 */
export function createDimensionIds(db: Db | Tx, now: () => Date = () => new Date()): RememberedIds {
  const lookups = new Map([...DIMENSIONS].map(([name, dimension]) => [name, createLookup(db, dimension)] as const))
  const heard = new Map<ProjectId, number>()
  let erasures = 0
  return {
    heedErasures(projects) {
      for (const { projectId, erasureId } of projects) {
        if (erasureId === null || heard.get(projectId) === erasureId) continue
        heard.set(projectId, erasureId)
        erasures++
      }
    },
    async resolve(events, others) {
      const today = dayOf(now())
      const batch = new Map([...lookups].map(([name, begin]) => [name, begin(today, erasures)] as const))
      const want = (name: DimensionName, projectId: ProjectId, values: readonly Scalar[]): Cell =>
        batch.get(name)?.want(projectId, values) ?? NO_VALUE
      const wanted = events.map(({ projectId, event }) => ({
        columns: COLUMNS.map(({ name, column, read }) => [column, want(name, projectId, read(event))] as const),
        tags: event.tags.map(({ key, value }) => want('tag', projectId, [key, value])),
      }))
      const named = others.map(({ projectId, transaction, release, environment }) => ({
        transaction: want('transaction', projectId, [transaction]),
        release: want('release', projectId, [release]),
        environment: want('environment', projectId, [environment]),
      }))
      // A statement or two for each dimension with something missing. Each commits by itself, so no order among them can
      // deadlock, and a value whose batch fails later is harmless.
      await Promise.all(batch.values().map((lookup) => lookup.find()))
      return {
        events: wanted.map(({ columns, tags }) => ({
          columns: Object.fromEntries(columns.map(([column, cell]) => [column, cell.id])),
          // Tags beyond the bound of their key are one value.
          tagIds: [...new Set(tags.map((cell) => cell.id).filter((id) => id !== null))],
        })),
        names: named.map(({ transaction, release, environment }) => ({
          transaction: transaction.id,
          release: release.id,
          environment: environment.id,
        })),
      }
    },
  }
}

/** Where an id will stand once it is known. */
interface Cell {
  id: number | null
}

const NO_VALUE: Cell = Object.freeze({ id: null })

/** One dimension's part of one batch. */
interface Lookup {
  want(projectId: ProjectId, values: readonly Scalar[]): Cell
  /** Fills the cells that were not remembered. */
  find(): Promise<void>
}

function createLookup(db: Db | Tx, dimension: Dimension): (today: Day, erasures: number) => Lookup {
  let memory = { day: '', erasures: 0, cells: createBoundedCache<Cell>(CACHED_VALUES_MAX) }
  return (today, erasures) => {
    if (dimension.perProject && (memory.day !== today || memory.erasures !== erasures)) {
      memory = { day: today, erasures, cells: createBoundedCache<Cell>(CACHED_VALUES_MAX) }
    }
    // Of this batch, even when another day begins meanwhile.
    const remembered = memory.cells
    const missing = new Map<string, { cell: Cell; value: DimensionValue }>()
    return {
      want(projectId, values) {
        if (values.every((value) => value === null)) return NO_VALUE
        const key = cacheKey(dimension.perProject ? projectId : '', values)
        const known = remembered.get(key) ?? missing.get(key)?.cell
        if (known) return known
        const cell: Cell = { id: null }
        missing.set(key, { cell, value: { projectId, values } })
        return cell
      },
      async find() {
        if (missing.size === 0) return
        const wanted = [...missing]
        const ids = await resolveValues(
          db,
          dimension,
          wanted.map(([, { value }]) => value),
          today,
        )
        for (const [at, [key, { cell }]] of wanted.entries()) {
          cell.id = ids[at] ?? null
          remembered.set(key, cell)
        }
      },
    }
  }
}

/**
 * Texts hold no NUL once an event is normalised, so it keeps the columns apart. Long ones are remembered by their hash:
 * 20,000 exception messages as they are took 188 MB.
 */
function cacheKey(projectId: string, values: readonly Scalar[]): string {
  let key = projectId
  for (const value of values) key += value === null ? '\u0000\u0000' : `\u0000${value}`
  return key.length <= KEY_CHARS_MAX ? key : hash('sha256', key, 'base64')
}
