import type { Spot } from './dashboard.ts'
import { type Json, objectsOf } from './read-json.ts'

/** What PUT /api/dashboard/:id takes of a card on a dashboard; GET shows much more. */
const SENDABLE = [
  'id',
  'card_id',
  'action_id',
  'dashboard_tab_id',
  'row',
  'col',
  'size_x',
  'size_y',
  'parameter_mappings',
  'visualization_settings',
  'inline_parameters',
]

/** A card as it is sent back to stay as it is. */
export function sendable(dashcard: Json): Json {
  const kept = Object.entries(dashcard).filter(([key]) => SENDABLE.includes(key))
  const series = objectsOf(dashcard.series ?? [], 'the series of a card').map(({ id }) => ({ id }))
  return { ...Object.fromEntries(kept), ...(series.length > 0 ? { series } : {}) }
}

/** Which variables of the question our filters fill, beside what others connected. */
export function mappingsOf({ parameter_mappings: ours }: Spot, dashcard: Json): object[] {
  const present = objectsOf(dashcard.parameter_mappings ?? [], 'what the filters of a card fill')
  const others = present.filter(({ parameter_id: id }) => ours.every(({ parameter_id }) => parameter_id !== id))
  return [...others, ...ours]
}

/** Those of others as they are, in their order; ours in the place of what has their id, or behind. */
export function merge(present: readonly Json[], ours: readonly { id: string }[]): object[] {
  const inPlace = present.map((one) => ours.find(({ id }) => id === one.id) ?? one)
  return [...inPlace, ...ours.filter(({ id }) => present.every((one) => one.id !== id))]
}

/** New cards have negative ids. Where somebody's card lies in the way, all of them go below everything. */
export function placed(missing: readonly Spot[], present: readonly Json[], tab: unknown): object[] {
  const there = present.map(areaOf)
  const bottom = Math.max(0, ...there.map(({ row, size_y }) => row + size_y))
  const isFree = missing.every((spot) => there.every((area) => !overlap(spot, area)))
  const top = Math.min(...missing.map(({ row }) => row))
  return missing.map((spot, index) => ({
    id: -1 - index,
    ...spot,
    row: isFree ? spot.row : spot.row - top + bottom,
    ...(tab === undefined ? {} : { dashboard_tab_id: tab }),
  }))
}

interface Area {
  row: number
  col: number
  size_x: number
  size_y: number
}

function areaOf({ row, col, size_x, size_y }: Json): Area {
  return { row: Number(row), col: Number(col), size_x: Number(size_x), size_y: Number(size_y) }
}

function overlap(one: Area, other: Area): boolean {
  const isBeside = one.col >= other.col + other.size_x || other.col >= one.col + one.size_x
  const isBelow = one.row >= other.row + other.size_y || other.row >= one.row + one.size_y
  return !isBeside && !isBelow
}
