import { FAILURES, PLACELESS } from './engine-wordings.ts'

/** The engine-neutral words for a text of a JavaScript engine; `null` for what an application said. */
export function readEngineMessage(text: string): string | null {
  for (const { neutral, wordings } of FAILURES) {
    for (const wording of wordings) {
      const found = wording.exec(text)
      if (found) return found.groups?.what === undefined ? neutral : `${neutral} ${found.groups.what}`
    }
  }
  return null
}

const placeless = new Set(PLACELESS.map(({ neutral }) => neutral))

/** Whether neutral words are of a failure that no place of the application explains. */
export function isPlaceless(neutral: string): boolean {
  return placeless.has(neutral)
}
