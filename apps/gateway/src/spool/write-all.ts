import { type FileHandle, open } from 'node:fs/promises'

/** Writes all of the pieces at a position; throws what the disk says to the first byte it does not take. */
export async function writeAll(file: FileHandle, pieces: readonly Buffer[], position: number): Promise<void> {
  let rest = pieces
  let at = position
  // A disk that gets full takes a part first, and says so only when asked to take the rest.
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at)
    if (bytesWritten === 0) throw new Error('the disk takes nothing and says nothing')
    at += bytesWritten
    rest = behind(rest, bytesWritten)
  }
}

/** Makes the names in a folder durable: a synced file without one is lost. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path)
  await folder.sync().finally(() => folder.close())
}

function behind(pieces: readonly Buffer[], bytes: number): readonly Buffer[] {
  let skipped = 0
  for (const [index, piece] of pieces.entries()) {
    if (skipped + piece.length > bytes) return [piece.subarray(bytes - skipped), ...pieces.slice(index + 1)]
    skipped += piece.length
  }
  return []
}
