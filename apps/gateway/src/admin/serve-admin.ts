import { type Listening, listen } from '../listen.ts'
import { type AdminContext, createAdminApp } from './admin-app.ts'

const KiB = 1024
const SECOND = 1000

/** Serves the admin port; 0 picks a free one. A taken port rejects with a sentence that names GATEWAY_ADMIN_PORT. */
export async function serveAdmin(
  context: AdminContext,
  { host, port }: { host: string; port: number },
): Promise<Pick<Listening, 'port' | 'close'>> {
  return await listen(createAdminApp(context).fetch, {
    host,
    port,
    portVariable: 'GATEWAY_ADMIN_PORT',
    headerBytesMax: 16 * KiB,
    headersMs: 5 * SECOND,
    // A scraper, a balancer and a person at a time, not a crowd.
    connectionsMax: 100,
  })
}
