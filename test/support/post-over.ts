import { type Agent, request } from 'node:http'
import type { NewProject } from '@rumen/db/project/create-project'
import { makeEnvelope, makeEvent } from './post-event.ts'
import type { Posted } from './post-steadily.ts'

/** What became of a request, and of the connection it went over. */
export interface PostedOver extends Posted {
  /** Why there was no answer, or no whole one: `ECONNRESET`, `ECONNREFUSED`, …; null: there was. */
  cut: string | null
  /** The answer told the client to connect anew. */
  isLast: boolean
}

/** Posts one event over the agent's connections, once: nothing is sent a second time. Never rejects. */
export async function postOver(
  agent: Agent,
  gatewayUrl: string,
  project: Pick<NewProject, 'id' | 'publicKey'>,
): Promise<PostedOver> {
  const event = makeEvent()
  const startMs = performance.now()
  const url = `${gatewayUrl}/api/${project.id}/envelope/?sentry_key=${project.publicKey}`
  return await new Promise<PostedOver>((resolve) => {
    const end = (status: number | null, cut: string | null, isLast: boolean) =>
      resolve({ eventId: event.event_id, status, ms: performance.now() - startMs, cut, isLast })
    const onError = (error: NodeJS.ErrnoException) => end(null, error.code ?? error.message, true)
    const posting = request(url, { method: 'POST', agent }, (answer) => {
      answer
        .on('error', onError)
        .on('end', () => end(answer.statusCode ?? 0, null, answer.headers.connection === 'close'))
      answer.resume()
    })
    posting.on('error', onError).end(makeEnvelope(event))
  })
}
