import { describe, expect, test } from 'vitest'
import { planRegroup, type Regrouped, type RegroupPlan, type Standing, type StandingGrouping } from './plan-regroup.ts'
import { seededRandom } from './seeded-random.ts'

function standing(groupings: readonly StandingGrouping[]): Standing {
  return { groupings, mergedIssueIds: new Set() }
}

/** The issue of each key. */
function places({ keys }: RegroupPlan): Record<string, number | null> {
  return Object.fromEntries(keys.map(({ keyHash, issueId }) => [keyHash, issueId]))
}

/** Events of a grouping that were looked at. */
function readOf(regrouped: readonly Regrouped[], id: number): number {
  return regrouped.reduce((sum, { groupingId, events }) => (groupingId === id ? sum + events : sum), 0)
}

/** Some issues with groupings, some of them adopted, and what other rules make of their events. */
function makeScene(seed: number) {
  const random = seededRandom(seed)
  const groupings = Array.from({ length: 1 + random(12) }, (_, id) => {
    const adoptedFrom = id > 0 && random(5) === 0 ? random(id) : null
    const events = [0, 3, 50][random(3)] ?? 0
    return { id, keyHash: `g${id}`, issueId: 100 + random(6), events, adoptedFrom, isSplitOff: false }
  })
  const adopted: StandingGrouping[] = []
  for (const one of groupings) {
    const from = adopted.find(({ id }) => id === one.adoptedFrom)
    adopted.push(from === undefined ? one : { ...one, issueId: from.issueId })
  }
  const names = [...adopted.map(({ keyHash }) => keyHash), 'x', 'y', 'z']
  const flows = new Map<string, Regrouped>()
  for (let n = random(25); n > 0; n--) {
    const flow = {
      groupingId: random(groupings.length),
      keyHash: names[random(names.length)] ?? 'x',
      events: 1 + random(9),
    }
    flows.set(`${flow.groupingId} ${flow.keyHash}`, flow)
  }
  return { regrouped: [...flows.values()], scene: standing(adopted), random }
}

const SEEDS = Array.from({ length: 2000 }, (_, seed) => seed)

describe('of any issues and any rules', () => {
  test('every key with events has one place, an issue that was there or one that begins', () => {
    for (const seed of SEEDS) {
      const { regrouped, scene } = makeScene(seed)
      const { keys } = planRegroup(regrouped, scene)
      const hashes = [...new Set(regrouped.map(({ keyHash }) => keyHash))].toSorted()
      expect(keys.map(({ keyHash }) => keyHash)).toEqual(hashes)
      const issues = new Set<number | null>([null, ...scene.groupings.map(({ issueId }) => issueId)])
      for (const { issueId } of keys) expect(issues).toContain(issueId)
    }
  })

  test('the order they come in changes nothing', () => {
    for (const seed of SEEDS) {
      const { regrouped, scene, random } = makeScene(seed)
      const shuffled = <Item>(list: readonly Item[]) => list.toSorted(() => random(3) - 1)
      const other = standing(shuffled(scene.groupings))
      expect(planRegroup(shuffled(regrouped), other)).toEqual(planRegroup(regrouped, scene))
    }
  })

  test('an issue that keeps a key, or anything no rules can look at, keeps its number; all others go into one that does', () => {
    for (const seed of SEEDS) {
      const { regrouped, scene } = makeScene(seed)
      const { keys, merged } = planRegroup(regrouped, scene)
      const lost = new Set(merged.map(({ issueId }) => issueId))
      const flowing = new Set(regrouped.map(({ groupingId }) => groupingId))
      for (const { issueId } of keys) expect(lost).not.toContain(issueId)
      for (const { into } of merged) expect(keys.map((key) => key.issueId)).toContain(into)
      const unread = scene.groupings.filter(({ id, keyHash, events }) => {
        return events > readOf(regrouped, id) && !keys.some((key) => key.keyHash === keyHash)
      })
      for (const { issueId } of unread) {
        expect(lost).not.toContain(issueId)
      }
      const kept = new Set(keys.map(({ issueId }) => issueId))
      for (const { id, issueId } of scene.groupings) {
        const rests = unread.some((one) => one.issueId === issueId)
        if (flowing.has(id) && !kept.has(issueId) && !rests) expect(lost).toContain(issueId)
      }
    }
  })

  test('rules that give every event the key it has change nothing', () => {
    for (const seed of SEEDS) {
      const { scene } = makeScene(seed)
      const same = scene.groupings.map(({ id, keyHash }) => ({ groupingId: id, keyHash, events: 3 }))
      const own = standing(scene.groupings.map((one) => ({ ...one, adoptedFrom: null })))
      const { keys, merged, unmerged } = planRegroup(same, own)
      const before = Object.fromEntries(own.groupings.map(({ keyHash, issueId }) => [keyHash, issueId]))
      expect(places({ keys, merged, unmerged })).toEqual(before)
      expect([merged, unmerged]).toEqual([[], []])
    }
  })
})
