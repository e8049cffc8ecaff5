import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import type { Stack } from '../support/start-stack.ts'

/** Posts so many different events of one issue at the same time; all of them must be answered 200. Gives their ids. */
export async function postMany(stack: Pick<Stack, 'gatewayUrl' | 'project'>, count: number): Promise<string[]> {
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const event = makeEvent()
      const response = await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(event))
      if (response.status !== 200) throw new Error(`an event was answered ${response.status}`)
      await response.arrayBuffer()
      return event.event_id
    }),
  )
}
