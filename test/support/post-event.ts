import { randomUUID } from 'node:crypto'
import type { NewProject } from '@rumen/db/project/create-project'

/** An event as a small SDK would send it; what is given wins. */
export function makeEvent(
  given: Readonly<Record<string, unknown>> = {},
): { event_id: string } & Record<string, unknown> {
  return {
    event_id: randomUUID().replaceAll('-', ''),
    timestamp: Date.now() / 1000,
    platform: 'node',
    level: 'error',
    exception: { values: [{ type: 'Error', value: 'boom', stacktrace: { frames: [frame('app.js', 'main')] } }] },
    ...given,
  }
}

/** A frame of the app's own. */
export function frame(filename: string, name: string) {
  return { filename, function: name, in_app: true, lineno: 1 }
}

/** An envelope with one event item, framed as the JavaScript SDKs do: no lengths. What is given wins in its header. */
export function makeEnvelope(event: { event_id: string }, given: Readonly<Record<string, unknown>> = {}): string {
  const header = { event_id: event.event_id, sent_at: new Date().toISOString(), ...given }
  return [header, { type: 'event' }, event].map((line) => JSON.stringify(line)).join('\n')
}

/** Posts a body to a project's envelope endpoint with its key in the query. */
export async function postEnvelope(
  gatewayUrl: string,
  project: Pick<NewProject, 'id' | 'publicKey'>,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const url = `${gatewayUrl}/api/${project.id}/envelope/?sentry_key=${project.publicKey}`
  return await fetch(url, { method: 'POST', body, headers: { 'content-type': 'text/plain', ...headers } })
}
