import { onOneLine } from '../on-one-line.ts'
import type { Example } from './examples.ts'
import type { Preview } from './preview.ts'
import { previewInWords } from './preview-in-words.ts'
import { tallyInWords } from './result.ts'
import type { Tally } from './tally.ts'

/** What a run would do. */
export interface Foreseen {
  /** Of issues, project by project. */
  previews: readonly Preview[]
  tally: Tally
  examples: readonly Example[]
}

const CHARS_MAX = 80

/** For people: what becomes of issues, then how many rows would change, and the first of them. */
export function foreseenInWords({ previews, tally, examples }: Foreseen): string {
  return [...previews.map(previewInWords), 'Would be:', ...tallyInWords(tally), ...examples.map(exampleInWords)].join(
    '\n',
  )
}

function exampleInWords({ item, what, old, new: next }: Example): string {
  return `\t${item}\t${what}\t${cut(old)} → ${cut(next)}`
}

function cut(text: string | null): string {
  if (text === null) return '(none)'
  const chars = Array.from(onOneLine(text))
  return chars.length <= CHARS_MAX ? chars.join('') : `${chars.slice(0, CHARS_MAX - 1).join('')}…`
}
