import { expect, test } from 'vitest'
import type { Cluster } from '../../fixtures/read-clusters.ts'
import { labelledSet } from './labelled-set.ts'
import { findMistakes, formatMistakes } from './mistakes.ts'

const message = (text: string) => ({ about: `says ${text}`, payload: { message: text } })
const cluster = (name: string, texts: readonly string[]): Cluster => ({
  ...{ name, reason: 'one bug', near: [], events: texts.map(message) },
})
const SET = labelledSet([cluster('shop/gone', ['gone', 'lost']), cluster('shop/late', ['late', `${'w'.repeat(300)}`])])

test('a bug that is split is listed with its keys, an issue of two bugs with its bugs', () => {
  expect(findMistakes(SET, 'glitchtip', [0, 1, 1, 1])).toEqual({
    split: [
      {
        cluster: 'shop/gone',
        issues: [
          { key: 'gonemessage', abouts: ['says gone'] },
          { key: 'lostmessage', abouts: ['says lost'] },
        ],
      },
    ],
    merged: [
      {
        key: 'lostmessage',
        clusters: [
          { cluster: 'shop/gone', eventsCount: 1 },
          { cluster: 'shop/late', eventsCount: 2 },
        ],
      },
    ],
  })
})

test('keys are cut to 200 characters, and the list can be read', () => {
  const { split } = findMistakes(SET, 'bugsink', [0, 0, 1, 2])
  expect(split[0]?.issues[1]?.key).toBe(`${`Log Message: ${'w'.repeat(300)}`.slice(0, 199)}…`)
  expect(formatMistakes('bugsink', { split: [], merged: [] })).toBe(
    'bugsink splits 0 bugs\n\nbugsink merges bugs in 0 issues',
  )
  expect(formatMistakes('bugsink', findMistakes(SET, 'bugsink', [0, 0, 0, 1]))).toContain(
    '  Log Message: gone\n    - shop/gone (2)\n    - shop/late (1)',
  )
})
