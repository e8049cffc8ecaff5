import { itemsOf, named } from './collection.ts'
import type { Metabase } from './metabase-client.ts'
import type { Question } from './question.ts'
import { holds, idOf } from './read-json.ts'
import { TEMPLATE_TAGS, tagsOf } from './template-tags.ts'

/** Where the questions go, and what they ask. */
interface Place {
  collection: number
  database: number
}

/** Makes the questions that are missing and brings the others to what they are here; gives the id of each by its name. */
export async function putQuestions(
  metabase: Metabase,
  { collection, database }: Place,
  questions: readonly Question[],
  say: (line: string) => void,
): Promise<ReadonlyMap<string, number>> {
  const present = await itemsOf(metabase, collection, 'card')
  const ids = new Map<string, number>()
  for (const question of questions) {
    const card = cardOf(question, database)
    const found = named(present, question.name)
    if (found === null) {
      const made = await metabase.post('/api/card', { ...card, collection_id: collection })
      ids.set(question.name, idOf(made, 'the new question'))
      say(`question: added ${question.name}`)
    } else {
      ids.set(question.name, found)
      // From 0.57 on a question comes back in another form of the same query, unless it is asked for like this.
      if (holds(await metabase.get(`/api/card/${found}?legacy-mbql=true`), card)) continue
      await metabase.put(`/api/card/${found}`, card)
      say(`question: updated ${question.name}`)
    }
  }
  return ids
}

function cardOf({ name, description, display, settings, query }: Question, database: number): object {
  const tags = Object.fromEntries(tagsOf(query).map((tag) => [tag, TEMPLATE_TAGS[tag]]))
  return {
    name,
    description,
    display,
    visualization_settings: settings,
    dataset_query: { database, type: 'native', native: { query, 'template-tags': tags } },
  }
}
