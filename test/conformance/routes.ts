import { expect } from 'vitest'
import type { AddedProject } from '../support/add-project.ts'
import { type Case, HEX_ID, keyed } from '../support/conform.ts'
import { multipart } from '../support/multipart.ts'

const EVENT_ID = '9ec79c33ec9942ab8353589fcb2e04dc'
const JSON_TYPE = { 'content-type': 'application/json' }

/** The beginning of a dump of Breakpad's or Crashpad's; nothing reads further at the door. */
export const DUMP = Buffer.concat([Buffer.from('MDMP'), Buffer.from([0x93, 0xa7, 0, 0]), Buffer.alloc(64, 0xab)])

export const CSP_REPORT = JSON.stringify({
  'csp-report': {
    'document-uri': 'https://shop.example/cart',
    'violated-directive': 'img-src',
    'effective-directive': 'img-src',
    'blocked-uri': 'https://evil.example/x.png',
    'original-policy': "img-src 'self'",
  },
})

/** Every route that is served, with a request that it takes; the key stands in the query unless the route has a place for it. */
export const ROUTES = [
  {
    name: 'POST envelope',
    request: (to: AddedProject) => ({
      path: keyed(to, 'envelope/'),
      body: `{"event_id":"${EVENT_ID}"}\n{"type":"event"}\n{"message":"x"}`,
    }),
    status: 200,
    body: { id: EVENT_ID },
  },
  {
    name: 'POST store',
    request: (to) => ({ path: keyed(to, 'store/'), headers: JSON_TYPE, body: '{"message":"x"}' }),
    status: 200,
    body: { id: expect.stringMatching(HEX_ID) },
  },
  {
    name: 'GET store',
    request: (to) => ({
      method: 'GET',
      path: keyed(
        to,
        'store/',
        `&sentry_data=${encodeURIComponent(Buffer.from('{"message":"x"}').toString('base64'))}`,
      ),
    }),
    status: 200,
    headers: { 'content-type': /^image\/gif\b/ },
  },
  {
    name: 'POST store without a project',
    request: ({ publicKey }) => ({
      path: `/api/store/?sentry_key=${publicKey}`,
      headers: JSON_TYPE,
      body: '{"message":"x"}',
    }),
    status: 200,
    body: { id: expect.stringMatching(HEX_ID) },
  },
  {
    name: 'POST security',
    request: (to) => ({
      path: keyed(to, 'security/'),
      headers: { 'content-type': 'application/csp-report' },
      body: CSP_REPORT,
    }),
    status: 200,
    body: '',
  },
  {
    name: 'POST csp-report',
    request: (to) => ({
      path: keyed(to, 'csp-report/'),
      headers: { 'content-type': 'application/csp-report' },
      body: CSP_REPORT,
    }),
    status: 200,
    body: '',
  },
  {
    name: 'POST nel',
    request: (to) => ({
      path: keyed(to, 'nel/'),
      headers: { 'content-type': 'application/reports+json' },
      body: '[{"type":"network-error","age":1,"url":"https://shop.example/","body":{"type":"tcp.timed_out"}}]',
    }),
    status: 200,
    body: '',
  },
  {
    name: 'POST minidump',
    request: (to) => ({
      path: keyed(to, 'minidump/'),
      ...multipart([{ name: 'upload_file_minidump', filename: 'a.dmp', content: DUMP }]),
    }),
    status: 200,
    body: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
    headers: { 'content-type': /^text\/plain\b/ },
  },
  {
    name: 'POST attachments',
    request: (to) => ({
      path: keyed(to, `events/${EVENT_ID}/attachments/`),
      ...multipart([{ name: 'a.txt', filename: 'a.txt', type: 'text/plain', content: 'abc' }]),
    }),
    status: 201,
    body: '',
  },
  {
    name: 'POST cron',
    request: (to) => ({ path: keyed(to, 'cron/nightly/'), headers: JSON_TYPE, body: '{"status":"ok"}' }),
    status: 202,
  },
  {
    name: 'GET cron',
    request: (to) => ({ method: 'GET', path: keyed(to, 'cron/nightly/', '&status=ok') }),
    status: 202,
  },
  {
    name: 'POST cron with the key in its path',
    request: (to) => ({
      path: `/api/${to.id}/cron/nightly/${to.publicKey}/`,
      headers: JSON_TYPE,
      body: '{"status":"ok"}',
    }),
    status: 202,
  },
  {
    name: 'GET cron with the key in its path',
    request: (to) => ({ method: 'GET', path: `/api/${to.id}/cron/nightly/${to.publicKey}/?status=ok` }),
    status: 202,
  },
  {
    name: 'POST the crash-report dialog',
    request: (to) => ({
      path: `/api/embed/error-page/?dsn=${encodeURIComponent(to.dsn)}&eventId=${EVENT_ID}`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=Ada&email=ada%40example.com&comments=It+broke',
    }),
    status: 200,
  },
] as const satisfies readonly Case[]
