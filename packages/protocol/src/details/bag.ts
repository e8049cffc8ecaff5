import { type BagLimit, TEXT_LIMITS } from '../limits.ts'
import { MASK, maskText } from '../mask.ts'
import { isSecretMember, maskedJson } from '../masked-json.ts'
import { isRecord, type JsonObject } from '../record.ts'
import { cleanText } from '../text.ts'
import { below, noteDropped, noteText, type Trail } from './trail.ts'

/** Free JSON of an SDK, bounded in depth and size, with secrets masked by name. */
export type Bag = null | boolean | number | string | readonly Bag[] | BagObject
export interface BagObject {
  readonly [key: string]: Bag
}

/** Bytes a bag may still take. */
export interface Room {
  bytes: number
}

/** With less than this a bag is full: no text worth reading fits. */
const BYTES_MIN = 16
/** What a number, a boolean, null or an empty container counts, with the comma behind it. */
const SCALAR_BYTES = 8

/**
 * Any JSON within its limit. A container nested deeper becomes its JSON text; what finds no room is left out. Total: what
 * JSON cannot hold is null, and nesting of any depth is safe.
 */
export function readBag(value: unknown, limit: BagLimit, trail: Trail): Bag {
  return fillBag(value, limit.depthMax, { bytes: limit.bytesMax }, trail)
}

/** `readBag` of an object; `null` for anything else, and for one that has nothing in it. */
export function readBagObject(value: unknown, limit: BagLimit, trail: Trail): BagObject | null {
  if (!isRecord(value)) return null
  const bag = fillObject(value, limit.depthMax, { bytes: limit.bytesMax }, trail)
  return Object.keys(bag).length === 0 ? null : bag
}

/** A value with what is left of a room that several share. */
export function fillBag(value: unknown, depth: number, room: Room, trail: Trail): Bag {
  if (typeof value === 'string') return fillText(value, room, trail)
  room.bytes -= SCALAR_BYTES
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value !== 'object' || value === null) return null
  if (depth <= 0) return fillText(maskedJson(value) ?? '', room, trail)
  if (Array.isArray(value)) return fillList(value, depth, room, trail)
  return isRecord(value) ? fillObject(value, depth, room, trail) : null
}

function fillList(list: readonly unknown[], depth: number, room: Room, trail: Trail): readonly Bag[] {
  const bag: Bag[] = []
  for (const [index, value] of list.entries()) {
    if (isFull(room, trail, list.length)) break
    const kept = isSecretMember(list, String(index)) ? MASK : value
    bag.push(fillBag(kept, depth - 1, room, below(trail, index)))
  }
  return bag
}

function fillObject(object: JsonObject, depth: number, room: Room, trail: Trail): BagObject {
  const entries = Object.entries(object)
  const bag: (readonly [string, Bag])[] = []
  for (const [key, value] of entries) {
    if (isFull(room, trail, entries.length)) break
    const name = cleanKey(key)
    room.bytes -= Buffer.byteLength(name)
    const kept = value !== null && isSecretMember(object, key) ? MASK : value
    bag.push([name, fillBag(kept, depth - 1, room, below(trail, key))])
  }
  return Object.fromEntries(bag) // which makes `__proto__` a member like others
}

/** A name within its limit: what a broken SDK takes for one may be a whole body. */
export function cleanKey(key: string): string {
  return cleanText(maskText(key.slice(0, 4 * TEXT_LIMITS.bagKey.charsMax)), TEXT_LIMITS.bagKey)
}

function isFull(room: Room, trail: Trail, length: number): boolean {
  if (room.bytes >= BYTES_MIN) return false
  noteDropped(trail, length)
  return true
}

function fillText(value: string, room: Room, trail: Trail): string {
  const left = Math.max(room.bytes, BYTES_MIN)
  const head = value.slice(0, left + 1)
  const isAscii = Buffer.byteLength(head) === head.length
  const text = noteText(trail, value, { charsMax: isAscii ? left : Math.floor(left / 4), allowance: 0 })
  room.bytes -= Buffer.byteLength(text) + 4
  return text
}
