import { itemsOf, named } from './collection.ts'
import { DASHBOARD, parametersOf, spotsOf } from './dashboard.ts'
import { mappingsOf, merge, placed, sendable } from './dashcards.ts'
import type { Metabase } from './metabase-client.ts'
import { holds, idOf, type Json, objectOf, objectsOf } from './read-json.ts'

/**
 * Makes the dashboard, or puts on it what is missing; gives its id. What is there stays where it was moved to, with everything
 * others put beside it: their cards, filters and tabs are sent back as they came, for what is left out would be deleted.
 */
export async function putDashboard(
  metabase: Metabase,
  collection: number,
  questions: ReadonlyMap<string, number>,
  say: (line: string) => void,
): Promise<number> {
  const found = named(await itemsOf(metabase, collection, 'dashboard'), DASHBOARD.name)
  const id =
    found ?? idOf(await metabase.post('/api/dashboard', { ...DASHBOARD, collection_id: collection }), 'the dashboard')
  const present = objectOf(await metabase.get(`/api/dashboard/${id}`), 'the dashboard')
  const wanted = wantedOf(present, questions)
  if (!holds(present, wanted)) {
    await metabase.put(`/api/dashboard/${id}`, wanted)
    say(`dashboard: ${found === null ? 'added' : 'updated'}`)
  }
  return id
}

function wantedOf(present: Json, questions: ReadonlyMap<string, number>): object {
  const parameters = objectsOf(present.parameters ?? [], "the dashboard's filters")
  const dashcards = objectsOf(present.dashcards ?? [], "the dashboard's cards")
  const tabs = objectsOf(present.tabs ?? [], "the dashboard's tabs").map(({ id, name }) => ({ id, name }))
  const spots = spotsOf(questions)
  const kept = dashcards.map((dashcard) => {
    const spot = spots.find(({ card_id }) => card_id === dashcard.card_id)
    return spot ? { ...sendable(dashcard), parameter_mappings: mappingsOf(spot, dashcard) } : sendable(dashcard)
  })
  const missing = spots.filter(({ card_id }) => dashcards.every((dashcard) => dashcard.card_id !== card_id))
  const [tab] = tabs
  return {
    parameters: merge(parameters, parametersOf(questions)),
    dashcards: [...kept, ...placed(missing, dashcards, tab?.id)],
    ...(tab ? { tabs } : {}),
  }
}
