import { describe, expect, test } from 'vitest'
import { planRegroup, type Regrouped, type RegroupPlan, type Standing, type StandingGrouping } from './plan-regroup.ts'

const SOME = 10
const NOTHING = { adoptedFrom: null, isSplitOff: false }

/** A grouping with the key `g<id>`, and ten events of which nothing is known. If something flows, that is all it has. */
function grouping(id: number, issueId: number, given: Partial<StandingGrouping> = {}): StandingGrouping {
  return { id, keyHash: `g${id}`, issueId, events: SOME, ...NOTHING, ...given }
}

function standing(groupings: readonly StandingGrouping[], merged: readonly number[] = []): Standing {
  return { groupings, mergedIssueIds: new Set(merged) }
}

/** `plan([[1, 'x', 5]], …)`: five events of grouping 1 get the key x. */
function plan(flows: readonly (readonly [number, string, number])[], scene: Standing): RegroupPlan {
  const regrouped = flows.map(([groupingId, keyHash, events]) => ({ groupingId, keyHash, events }))
  const groupings = scene.groupings.map((one) =>
    one.events === SOME ? { ...one, events: readOf(regrouped, one.id) || SOME } : one,
  )
  return planRegroup(regrouped, { ...scene, groupings })
}

/** Events of a grouping that were looked at. */
function readOf(regrouped: readonly Regrouped[], id: number): number {
  return regrouped.reduce((sum, { groupingId, events }) => (groupingId === id ? sum + events : sum), 0)
}

/** The issue of each key. */
function places({ keys }: RegroupPlan): Record<string, number | null> {
  return Object.fromEntries(keys.map(({ keyHash, issueId }) => [keyHash, issueId]))
}

describe('a grouping whose events all get one key', () => {
  test('hands it its issue, and nothing merges or splits', () => {
    expect(plan([[1, 'x', 5]], standing([grouping(1, 11)]))).toEqual({
      keys: [{ keyHash: 'x', issueId: 11, events: 5, heirOf: 1, mostlyOf: 11 }],
      merged: [],
      unmerged: [],
    })
  })

  test('of an issue merged by hand leaves it one issue', () => {
    const both = standing([grouping(1, 11), grouping(2, 11)])
    const planned = plan(
      [
        [1, 'x', 5],
        [2, 'y', 9],
      ],
      both,
    )
    expect(places(planned)).toEqual({ x: 11, y: 11 })
    expect(planned.merged).toEqual([])
  })
})

describe('a split', () => {
  test('leaves the issue with the key that most events get; the others begin issues', () => {
    const planned = plan(
      [
        [1, 'x', 5],
        [1, 'y', 9],
        [1, 'z', 1],
      ],
      standing([grouping(1, 11)]),
    )
    expect(places(planned)).toEqual({ x: null, y: 11, z: null })
    expect(planned.keys.map(({ mostlyOf }) => mostlyOf)).toEqual([11, 11, 11])
  })

  test('of two equal parts leaves it with the first hash', () => {
    expect(
      places(
        plan(
          [
            [1, 'y', 5],
            [1, 'x', 5],
          ],
          standing([grouping(1, 11)]),
        ),
      ),
    ).toEqual({ x: 11, y: null })
  })

  test('leaves the issue with its own key, as long as one event keeps that', () => {
    expect(
      places(
        plan(
          [
            [1, 'g1', 1],
            [1, 'x', 9],
          ],
          standing([grouping(1, 11)]),
        ),
      ),
    ).toEqual({ g1: 11, x: null })
  })

  test('takes an adopted key out of the issue it was adopted into', () => {
    const scene = standing([grouping(1, 11), grouping(2, 11, { adoptedFrom: 1 }), grouping(3, 11, { adoptedFrom: 1 })])
    const planned = plan(
      [
        [1, 'g2', 5],
        [1, 'g3', 9],
        [2, 'g2', 50],
        [3, 'g3', 1],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g2: null, g3: 11 })
  })

  test('that an earlier run began goes on as it was decided, however few events are left', () => {
    const made = grouping(3, 12, { isSplitOff: true })
    const scene = standing([grouping(1, 11), grouping(2, 11, { adoptedFrom: 1 }), made])
    expect(
      places(
        plan(
          [
            [1, 'g2', 1],
            [1, 'g3', 9],
            [3, 'g3', 1],
          ],
          scene,
        ),
      ),
    ).toEqual({ g2: 11, g3: 12 })
    const rest = plan(
      [
        [1, 'g3', 9],
        [2, 'g2', 4],
      ],
      scene,
    )
    expect(places(rest)).toEqual({ g2: 11, g3: 12 })
    expect(rest.merged).toEqual([])
  })
})

describe('a merge', () => {
  const scene = standing([grouping(1, 11), grouping(2, 12), grouping(3, 13)])

  test('leaves the issue that brings most events, and takes in the others', () => {
    const planned = plan(
      [
        [1, 'x', 5],
        [2, 'x', 9],
        [3, 'x', 1],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ x: 12 })
    expect(planned.merged).toEqual([
      { issueId: 11, into: 12 },
      { issueId: 13, into: 12 },
    ])
  })

  test('of two that bring as many leaves the older one', () => {
    expect(
      plan(
        [
          [2, 'x', 5],
          [1, 'x', 5],
        ],
        scene,
      ).merged,
    ).toEqual([{ issueId: 12, into: 11 }])
  })

  test('counts what one issue brings by two groupings together', () => {
    const byHand = standing([grouping(1, 11), grouping(2, 12), grouping(3, 12)])
    expect(
      plan(
        [
          [1, 'x', 5],
          [2, 'x', 3],
          [3, 'x', 3],
        ],
        byHand,
      ).merged,
    ).toEqual([{ issueId: 11, into: 12 }])
  })

  test('into a key that was there leaves that its issue, however few events it has', () => {
    const planned = plan(
      [
        [1, 'g3', 500],
        [3, 'g3', 1],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g3: 13 })
    expect(planned.merged).toEqual([{ issueId: 11, into: 13 }])
  })

  test('takes along only what gets the other key: the rest begins an issue', () => {
    const planned = plan(
      [
        [1, 'g3', 9],
        [1, 'x', 4],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g3: 13, x: null })
    expect(planned.merged).toEqual([{ issueId: 11, into: 13 }])
  })

  test('goes where most events of all its groupings went', () => {
    const byHand = standing([grouping(1, 11), grouping(2, 11), grouping(3, 13), grouping(4, 14)])
    const planned = plan(
      [
        [1, 'g3', 5],
        [2, 'g4', 4],
        [1, 'g4', 3],
      ],
      byHand,
    )
    expect(planned.merged).toEqual([{ issueId: 11, into: 14 }])
  })

  test('does not take an issue of which something is counted that no archive tells of', () => {
    const old = standing([grouping(1, 11), grouping(2, 11), grouping(3, 13)])
    expect(plan([[1, 'g3', 5]], old).merged).toEqual([])
    const empty = standing([grouping(1, 11), grouping(2, 11, { events: 0 }), grouping(3, 13)])
    expect(plan([[1, 'g3', 5]], empty).merged).toEqual([{ issueId: 11, into: 13 }])
  })

  test('does not take an issue of a thousand events of which one was looked at', () => {
    const scene = (events: number) => standing([grouping(1, 11, { events }), grouping(3, 13)])
    expect(plan([[1, 'g3', 1]], scene(1000))).toMatchObject({ keys: [{ issueId: 13 }], merged: [] })
    expect(plan([[1, 'g3', 1]], scene(1)).merged).toEqual([{ issueId: 11, into: 13 }])
  })

  test('into an issue that only begins is none: the number goes on there', () => {
    const byHand = standing([grouping(1, 11), grouping(2, 11), grouping(3, 13), grouping(4, 14)])
    const planned = plan(
      [
        [1, 'g3', 5],
        [1, 'x', 4],
        [2, 'g4', 5],
        [2, 'x', 4],
      ],
      byHand,
    )
    expect(places(planned)).toEqual({ g3: 13, g4: 14, x: 11 })
    expect(planned.merged).toEqual([])
  })
})

describe('an adopted key', () => {
  test('goes where its issue is handed to from elsewhere, too', () => {
    const scene = standing([grouping(1, 11), grouping(2, 12), grouping(3, 11, { adoptedFrom: 1 })])
    const planned = plan(
      [
        [1, 'g3', 5],
        [2, 'g3', 9],
        [3, 'g3', 1],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g3: 12 })
    expect(planned.merged).toEqual([{ issueId: 11, into: 12 }])
  })

  test('is no reason for the issue to stay, however much has come to it since the events were read', () => {
    const flows = [
      [1, 'g3', 5],
      [2, 'g3', 9],
    ] as const
    const busy = grouping(3, 11, { adoptedFrom: 1, events: 99 })
    const scene = standing([grouping(1, 11), grouping(2, 12), busy])
    expect(plan(flows, scene).merged).toEqual([{ issueId: 11, into: 12 }])
    expect(plan([...flows, [3, 'g3', 1]], scene).merged).toEqual([{ issueId: 11, into: 12 }])
  })

  test('keeps the issue when nothing is left to look at where it came from', () => {
    const scene = standing([grouping(1, 11), grouping(2, 12), grouping(3, 11, { adoptedFrom: 1 })])
    const planned = plan(
      [
        [2, 'g3', 9],
        [3, 'g3', 1],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g3: 11 })
    expect(planned.merged).toEqual([{ issueId: 12, into: 11 }])
  })
})

describe('issues merged by rules that hold no longer', () => {
  const scene = standing([grouping(1, 11), grouping(2, 12, { events: 0 }), grouping(3, 11)], [12])

  test('are by themselves again when their key is back', () => {
    const planned = plan(
      [
        [3, 'g1', 5],
        [3, 'g2', 9],
      ],
      scene,
    )
    expect(places(planned)).toEqual({ g1: 11, g2: 12 })
    expect(planned).toMatchObject({ merged: [], unmerged: [12] })
  })

  test('stay merged when it is not', () => {
    expect(plan([[3, 'x', 5]], scene)).toMatchObject({ keys: [{ issueId: 11 }], merged: [], unmerged: [] })
    const half = standing([grouping(1, 11), grouping(2, 12)], [12])
    expect(
      plan(
        [
          [1, 'x', 5],
          [2, 'x', 4],
        ],
        half,
      ),
    ).toMatchObject({ keys: [{ issueId: 11 }], merged: [], unmerged: [] })
  })
})

test('what is known of no grouping is left alone', () => {
  expect(
    plan(
      [
        [9, 'x', 5],
        [1, 'y', 0],
      ],
      standing([grouping(1, 11)]),
    ),
  ).toEqual({ keys: [], merged: [], unmerged: [] })
})
