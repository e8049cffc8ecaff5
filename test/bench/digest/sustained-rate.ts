import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The highest rate that one worker kept up with in the last `pnpm bench digest`. Rejects where there was none. */
export async function sustainedRate(folder: string): Promise<number> {
  const kept = JSON.parse(await readFile(join(folder, 'digest.json'), 'utf8').catch(() => 'null'))
  const measured: { isKeptUp: boolean; ratePerSec: number }[] = kept?.details?.sustained?.[0]?.measured ?? []
  const rates = measured.filter(({ isKeptUp }) => isKeptUp).map((one) => one.ratePerSec)
  if (rates.length === 0)
    throw new Error('nobody knows yet what can be sustained: run pnpm bench digest, or say --rate N')
  return Math.max(...rates)
}
