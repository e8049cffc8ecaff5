import type { Metabase } from './metabase-client.ts'
import { idOf, type Json, pageOf } from './read-json.ts'

const NAME = 'Rumen'

/** Finds the collection at the top, or makes it; gives its id. One somebody has put into the trash stays there. */
export async function putCollection(metabase: Metabase, say: (line: string) => void): Promise<number> {
  const items = pageOf(await metabase.get('/api/collection/root/items?models=collection'), "Metabase's collections")
  // Everybody has a collection of their own, named after them.
  const found = named(
    items.filter(({ model, personal_owner_id: owner }) => model === 'collection' && typeof owner !== 'number'),
    NAME,
  )
  if (found !== null) return found
  const description = 'Questions and a dashboard that Rumen keeps up to date. Copy what you want to change.'
  const made = await metabase.post('/api/collection', { name: NAME, description })
  say('collection: added')
  return idOf(made, 'the new collection')
}

/** What lies in a collection, of one kind. */
export async function itemsOf(metabase: Metabase, collection: number, model: 'card' | 'dashboard'): Promise<Json[]> {
  const items = pageOf(await metabase.get(`/api/collection/${collection}/items?models=${model}`), 'a collection')
  return items.filter((item) => item.model === model)
}

/** The id of the item of that name, of several the oldest; null when there is none. */
export function named(items: readonly Json[], name: string): number | null {
  const ids = items.filter((item) => item.name === name).map((item) => idOf(item, 'an item of a collection'))
  return ids.length === 0 ? null : Math.min(...ids)
}
