import type { Frame } from '../event.ts'
import type { ImageFinder } from '../image-offsets.ts'
import { BAG_LIMITS, CONTEXT_LINES_MAX, FRAMES_MAX, REGISTERS_MAX, TEXT_LIMITS, WHOLE_FRAMES_MAX } from '../limits.ts'
import { normaliseFrame } from '../normalise-stacktrace.ts'
import type { SentStack } from '../place-stacks.ts'
import { isRecord, recordOf } from '../record.ts'
import { cleanText, lenientText, readName } from '../text.ts'
import { bothEnds, type Indexed } from '../values-list.ts'
import { type Bag, type BagObject, readBag, readBagObject } from './bag.ts'
import { below, noteDropped, type Trail } from './trail.ts'

/** Frames oldest call first, the crashing one last; never empty. */
export interface StackDetails {
  frames: readonly FrameDetails[]
  registers: readonly { name: string; value: string }[]
  lang: string | null
  snapshot: boolean | null
}

/** A frame with what surrounds it. `index` is its place in the payload, by which `meta` speaks of it. */
export interface FrameDetails extends Frame {
  index: number
  /** Before it was shortened. */
  rawFunction: string | null
  /** As the linker knows it. */
  symbol: string | null
  /** Where it is another than the event's. */
  platform: string | null
  preContext: readonly string[]
  postContext: readonly string[]
  vars: BagObject | null
  /** Addresses are text: they exceed what a number holds. */
  instructionAddr: string | null
  symbolAddr: string | null
  imageAddr: string | null
  addrMode: string | null
  trust: string | null
  functionId: string | null
  stackStart: boolean
  lock: Bag
  data: BagObject | null
}

/** A stack whole; of a long one both ends, and only frames of interest keep their variables and source lines. */
export function readStack(sent: SentStack | null, { cuts }: Trail, findImage: ImageFinder): StackDetails | null {
  if (sent === null) return null
  const trail = { path: [...sent.path, 'frames'], cuts }
  const all = Array.isArray(sent.value.frames) ? sent.value.frames : []
  const frames = all
    .map((value, index) => ({ index, value }))
    .filter((frame): frame is Indexed => isRecord(frame.value))
  if (frames.length > FRAMES_MAX) noteDropped(trail, frames.length)
  const kept = bothEnds(frames, FRAMES_MAX)
  const slim = slimOnes(kept)
  return {
    frames: kept.map((frame) => ({
      ...normaliseFrame(frame.value, findImage),
      ...readFrame(frame, slim.has(frame), below(trail, frame.index)),
    })),
    registers: readRegisters(sent.value.registers),
    lang: readName(sent.value.lang, TEXT_LIMITS.word),
    snapshot: typeof sent.value.snapshot === 'boolean' ? sent.value.snapshot : null,
  }
}

/** The frames that go without: those in the middle, the app's own only where the others do not suffice. (Relay) */
function slimOnes(frames: readonly Indexed[]): ReadonlySet<Indexed> {
  const surplus = frames.length - WHOLE_FRAMES_MAX
  if (surplus <= 0) return new Set()
  const own = frames.filter((frame) => frame.value.in_app === true)
  const others = frames.filter((frame) => frame.value.in_app !== true)
  const slimOthers = middle(others, surplus)
  return new Set([...slimOthers, ...middle(own, surplus - slimOthers.length)])
}

function middle<T>(list: readonly T[], count: number): readonly T[] {
  const removed = Math.min(list.length, Math.max(count, 0))
  const start = Math.floor((list.length - removed) / 2)
  return list.slice(start, start + removed)
}

/** What a page shows of a frame beyond what groups it. */
function readFrame({ index, value: frame }: Indexed, isSlim: boolean, trail: Trail): Omit<FrameDetails, keyof Frame> {
  const vars = Object.keys(recordOf(frame.vars)).length
  if (isSlim && vars > 0) noteDropped(below(trail, 'vars'), vars)
  return {
    index,
    rawFunction: readName(frame.raw_function, TEXT_LIMITS.frameFunction),
    symbol: frame.symbol === '?' ? null : readName(frame.symbol, TEXT_LIMITS.frameFunction),
    platform: readName(frame.platform, TEXT_LIMITS.word),
    preContext: isSlim ? [] : readLines(frame.pre_context).slice(-CONTEXT_LINES_MAX),
    postContext: isSlim ? [] : readLines(frame.post_context).slice(0, CONTEXT_LINES_MAX),
    vars: isSlim ? null : readBagObject(varsOf(frame.vars), BAG_LIMITS.vars, below(trail, 'vars')),
    instructionAddr: readAddress(frame.instruction_addr),
    symbolAddr: readAddress(frame.symbol_addr),
    imageAddr: readAddress(frame.image_addr),
    addrMode: readName(frame.addr_mode, TEXT_LIMITS.word),
    trust: readName(frame.trust, TEXT_LIMITS.word),
    functionId: readAddress(frame.function_id),
    stackStart: frame.stack_start === true,
    lock: readBag(frame.lock, BAG_LIMITS.frameData, below(trail, 'lock')),
    data: readBagObject(frame.data, BAG_LIMITS.frameData, below(trail, 'data')),
  }
}

/** A line that is null is an empty one. */
function readLines(value: unknown): readonly string[] {
  if (!Array.isArray(value)) return []
  return value.map((line) => (typeof line === 'string' ? cleanText(line, TEXT_LIMITS.contextLine) : ''))
}

/** A list of variables is one by position. */
function varsOf(value: unknown): unknown {
  return Array.isArray(value) ? Object.fromEntries(value.entries()) : value
}

function readRegisters(value: unknown): StackDetails['registers'] {
  const registers: { name: string; value: string }[] = []
  for (const [name, address] of Object.entries(recordOf(value)).slice(0, REGISTERS_MAX)) {
    const text = readAddress(address)
    if (text !== null) registers.push({ name: cleanText(name, TEXT_LIMITS.word), value: text })
  }
  return registers
}

/** `0x…`, digits, or a number, which is written as the hexadecimal it stands for. */
export function readAddress(value: unknown): string | null {
  if (typeof value === 'number') {
    return Number.isFinite(value) && value >= 0 ? hexadecimal(lenientText(value)) : null
  }
  const text = typeof value === 'string' ? value.trim() : ''
  return text.length <= 32 && /^(?:0x[0-9a-f]+|\d+)$/i.test(text) ? text : null
}

function hexadecimal(digits: string | null): string | null {
  return digits === null ? null : `0x${BigInt(digits).toString(16)}`
}
