import { describe, expect, test } from 'vitest'
import { eventIdFromHash } from './event-id.ts'
import { normaliseEvent } from './normalise-event.ts'

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0'

function tagsOf(payload: Record<string, unknown>): Record<string, string> {
  const { tags } = normaliseEvent(payload, {
    eventId: eventIdFromHash(Buffer.alloc(16, 1)),
    receivedAt: new Date(0),
    ...{ sentAt: null, clientIp: null, userAgent: null, client: null },
  })
  return Object.fromEntries(tags.map(({ key, value }) => [key, value]))
}

test.each<[Record<string, unknown>, Record<string, string>]>([
  [
    { request: { headers: { 'User-Agent': FIREFOX } } },
    { browser: 'Firefox 128.0', 'browser.name': 'Firefox', os: 'Windows 10', 'os.name': 'Windows' },
  ],
  [{ contexts: { browser: { name: 'Chrome' } } }, { browser: 'Chrome', 'browser.name': 'Chrome' }],
  [{ contexts: { browser: { version: '1' } } }, {}],
  [
    { contexts: { os: { name: 'iOS', version: '17.4', rooted: false } } },
    { os: 'iOS 17.4', 'os.name': 'iOS', 'os.rooted': 'no' },
  ],
  [
    { contexts: { device: { model: 'iPhone15,2', family: 'iPhone' } } },
    { device: 'iPhone15,2', 'device.family': 'iPhone' },
  ],
  [
    { contexts: { rt: { type: 'runtime', name: 'node', version: 'v24' } } },
    { runtime: 'node v24', 'runtime.name': 'node' },
  ],
  [
    { contexts: { gpu: { name: 'M3', vendor_name: 'Apple' }, app: { device_app_hash: 'ab' } } },
    { 'gpu.name': 'M3', 'gpu.vendor': 'Apple', 'app.device': 'ab' },
  ],
  [{ contexts: { monitor: { id: 7, slug: 'nightly' } } }, { 'monitor.id': '7', 'monitor.slug': 'nightly' }],
  [{ request: { url: 'http://u:p@x/a?token=1#b' } }, { url: 'http://x/a' }],
  [{ site: ' shop ' }, { site: 'shop' }],
  [{ user: { id: 42, email: 'a@b.c' } }, { user: 'id:42' }],
  [{ user: { email: 'a@b.c', username: 'x' } }, { user: 'email:a@b.c' }],
  [{ user: { username: 'x', ip_address: '10.0.0.1' } }, { user: 'username:x' }],
  [{ user: { ip_address: '10.0.0.1' } }, { user: 'ip:10.0.0.1' }],
  [{ level: 'info', release: 'a@1', environment: 'prod', server_name: 'web', logger: 'a' }, {}],
])('%j has the tags %j', (payload, expected) => {
  expect(tagsOf(payload)).toEqual(expected)
})

describe('mechanism and handled', () => {
  const chain = (...handled: unknown[]) =>
    tagsOf({
      exception: handled.map((value, i) => ({
        type: 'E',
        mechanism: value && { type: `m${i}`, handled: value === 'yes' },
      })),
    })
  test('are those of an unhandled exception wherever it stands', () => {
    expect(chain('no', 'yes')).toEqual({ handled: 'no', mechanism: 'm0' })
  })
  test('else of the newest with a mechanism', () => {
    expect(chain('yes', 'yes', null)).toEqual({ handled: 'yes', mechanism: 'm1' })
  })
  test('are absent where nothing says', () => {
    expect(chain(null)).toEqual({})
    expect(tagsOf({ exception: { type: 'E', mechanism: { type: 'x' } } })).toEqual({ mechanism: 'x' })
  })
})

test('a tag the SDK has set stays', () => {
  expect(tagsOf({ tags: { browser: 'mine' }, contexts: { browser: { name: 'Chrome' } } })).toEqual({
    browser: 'mine',
    'browser.name': 'Chrome',
  })
})

test('there are never more than 200 tags, of which the SDK’s come first', () => {
  const own = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))
  const contexts = { browser: { name: 'Chrome', version: '1' } }
  expect(Object.keys(tagsOf({ tags: own(300), contexts }))).toEqual(Object.keys(own(200)))
  expect(Object.keys(tagsOf({ tags: own(199), contexts }))).toEqual([...Object.keys(own(199)), 'browser'])
})

test('a long value is cut as any tag is', () => {
  expect(tagsOf({ request: { url: `http://x/${'a'.repeat(300)}` } }).url).toHaveLength(200)
})
