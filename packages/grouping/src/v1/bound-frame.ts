import type { Frame } from '@rumen/protocol/event'

/** Longer than any that SDKs send, as the parser cuts them; what is longer was never a name, and takes time to read. */
const NAME_CHARS_MAX = 1024

/** The frame itself, as its names are of a length that names have; else a copy of their beginnings. */
export function boundFrame(frame: Frame): Frame {
  const { filename, absPath, module, package: image, function: name } = frame
  if (!isLong(name) && !isLong(filename) && !isLong(absPath) && !isLong(module) && !isLong(image)) return frame
  return {
    ...frame,
    ...{ filename: bound(filename), absPath: bound(absPath), module: bound(module) },
    ...{ package: bound(image), function: bound(name) },
  }
}

function isLong(name: string | null): boolean {
  return name !== null && name.length > NAME_CHARS_MAX
}

function bound(name: string | null): string | null {
  return name === null ? null : name.slice(0, NAME_CHARS_MAX)
}
