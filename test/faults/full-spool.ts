import { randomBytes, randomUUID } from 'node:crypto'
import type { NewProject } from '@rumen/db/project/create-project'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'

/** An envelope that no compression makes much smaller than so many bytes. */
export function bulkyEnvelope(bytes: number): { eventId: string; body: string } {
  const eventId = randomUUID().replaceAll('-', '')
  // Six bits of each character are random: two thirds of the text remain, and what is random is half as long again.
  const noise = randomBytes(bytes).toString('base64')
  return { eventId, body: makeEnvelope(makeEvent({ event_id: eventId, extra: { noise } })) }
}

/** Posts bulky events, so many at once, until one is answered 503; gives the ids of those answered 200. */
export async function fillSpool(
  gatewayUrl: string,
  project: Pick<NewProject, 'id' | 'publicKey'>,
  { bytes, atOnce = 4 }: { bytes: number; atOnce?: number },
): Promise<string[]> {
  const accepted: string[] = []
  for (let statuses: readonly number[] = []; !statuses.includes(503); ) {
    statuses = await Promise.all(
      Array.from({ length: atOnce }, async () => {
        const { eventId, body } = bulkyEnvelope(bytes)
        const response = await postEnvelope(gatewayUrl, project, body)
        await response.arrayBuffer()
        if (response.status === 200) accepted.push(eventId)
        return response.status
      }),
    )
    const others = statuses.filter((status) => status !== 200 && status !== 503)
    if (others.length > 0) throw new Error(`answered ${others.join(', ')}`)
  }
  return accepted
}
