import { describe, expect, test } from 'vitest'
import { eventIdFromHash } from './event-id.ts'
import { type EventReceipt, normaliseEvent } from './normalise-event.ts'

const RECEIPT: EventReceipt = {
  eventId: eventIdFromHash(Buffer.alloc(16, 1)),
  receivedAt: new Date('2026-01-31T12:00:00Z'),
  sentAt: null,
  clientIp: '203.0.113.7',
  userAgent: null,
  client: null,
}
const normalise = (payload: Record<string, unknown>, receipt: Partial<EventReceipt> = {}) =>
  normaliseEvent(payload, { ...RECEIPT, ...receipt })

describe('the shapes SDKs really send', () => {
  test('@sentry/browser: an error with a cause, contexts only in the User-Agent', () => {
    const event = normalise(
      {
        exception: {
          values: [
            {
              type: 'TypeError',
              value: "Cannot read properties of null (reading 'id')",
              mechanism: {
                type: 'auto.browser.global_handlers.onerror',
                handled: false,
                exception_id: 1,
                parent_id: 0,
                source: 'cause',
              },
              stacktrace: {
                frames: [
                  { filename: 'http://localhost:4000/app.js', function: '?', in_app: true, lineno: 7, colno: 13 },
                ],
              },
            },
            { type: 'Error', value: 'Cannot load', mechanism: { type: 'generic', handled: true, exception_id: 0 } },
          ],
        },
        event_id: 'f'.repeat(32),
        platform: 'javascript',
        timestamp: 1769860799.5,
        environment: 'production',
        sdk: { name: 'sentry.javascript.browser', version: '11.12.0', settings: { infer_ip: 'never' } },
        request: {
          url: 'http://localhost:4000/shop?cart=1#top',
          headers: {
            Referer: 'x',
            'User-Agent':
              'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36',
          },
        },
      },
      { client: 'sentry.javascript.browser/11.12.0' },
    )
    expect(event).toMatchObject({
      kind: 'error',
      level: 'error',
      platform: 'javascript',
      occurredAt: new Date('2026-01-31T11:59:59.500Z'),
      exceptions: [
        { type: 'TypeError', mechanism: { handled: false, parentId: 0 } },
        { type: 'Error', mechanism: { handled: true, exceptionId: 0 }, stacktrace: null },
      ],
      user: { ip: null },
      request: { url: 'http://localhost:4000/shop' },
      contexts: { browser: { name: 'Chrome', version: '147.0.0' }, os: { name: 'Linux' } },
    })
    expect(event.exceptions[0]?.stacktrace?.frames).toEqual([
      {
        filename: '/app.js',
        absPath: 'http://localhost:4000/app.js',
        module: null,
        package: null,
        function: null,
        imageOffset: null,
        contextLine: null,
        line: 7,
        column: 13,
        inApp: true,
      },
    ])
  })

  test('a browser that sends no headers is known by the request it made, a server is not', () => {
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0'
    expect(normalise({ platform: 'javascript' }, { userAgent }).contexts.browser.name).toBe('Firefox')
    expect(normalise({ platform: 'node' }, { userAgent }).contexts.browser.name).toBeNull()
  })

  test('@sentry/node: captureMessage with a stack is an exception without a type', () => {
    const event = normalise({
      message: 'hello',
      level: 'info',
      platform: 'node',
      server_name: 'web-1',
      contexts: {
        runtime: { name: 'node', version: 'v24.1.0' },
        app: { app_start_time: 'x' },
        device: { arch: 'x64', memory_size: 8 },
        trace: {},
      },
      exception: {
        values: [
          { value: 'hello', stacktrace: { frames: [{ filename: '/srv/app.js', module: 'app', in_app: true }] } },
        ],
      },
    })
    expect(event).toMatchObject({
      kind: 'error',
      level: 'info',
      serverName: 'web-1',
      message: { formatted: 'hello' },
      exceptions: [{ type: null, value: 'hello', mechanism: null }],
      contexts: { runtime: { name: 'node', version: 'v24.1.0' }, device: { arch: 'x64', memorySize: 8 } },
    })
  })

  test('sentry-python: logentry with params, threads for a message, time without zone', () => {
    const event = normalise({
      level: 'warning',
      logger: 'shop.cart',
      logentry: { message: 'Cart %s of %(x)s is empty', params: ['17'] },
      timestamp: '2026-01-31T11:00:00.123456Z',
      platform: 'python',
      transaction: 'shop.views.cart',
      release: 'abc123',
      modules: { django: '3.0' },
      contexts: { runtime: { name: 'CPython', version: '3.9.2', build: '3.9.2 (default)' } },
      threads: {
        values: [
          {
            stacktrace: {
              frames: [
                {
                  function: 'cart',
                  filename: 'shop/views.py',
                  abs_path: '/srv/shop/views.py',
                  in_app: true,
                  lineno: 12,
                },
              ],
            },
            crashed: false,
            current: true,
          },
        ],
      },
    })
    expect(event).toMatchObject({
      kind: 'message',
      level: 'warning',
      logger: 'shop.cart',
      occurredAt: new Date('2026-01-31T11:00:00.123Z'),
      message: { template: 'Cart %s of %(x)s is empty', formatted: 'Cart 17 of %(x)s is empty' },
      stacktrace: { frames: [{ function: 'cart', filename: 'shop/views.py', line: 12 }] },
      contexts: { runtime: { name: 'CPython', version: '3.9.2' }, app: { version: null } },
    })
  })

  test('sentry-ruby: user with an address, exceptions as values, tags as a map', () => {
    const event = normalise({
      platform: 'ruby',
      timestamp: '2026-01-31T11:59:00Z',
      tags: { job: 'Mailer', retry: true, attempt: 2 },
      user: { id: 7, email: 'a@example.com', ip_address: '127.0.0.1' },
      contexts: {
        os: { name: 'Linux', version: '#1 SMP', build: '5.10' },
        runtime: { name: 'ruby', version: 'ruby 3.2.0' },
      },
      exception: {
        values: [
          {
            type: 'ZeroDivisionError',
            value: 'divided by 0',
            module: '',
            thread_id: 8,
            stacktrace: {
              frames: [
                {
                  abs_path: '/app/a.rb',
                  function: '/',
                  in_app: true,
                  lineno: 3,
                  filename: 'a.rb',
                  context_line: '1 / 0\n',
                },
              ],
            },
          },
        ],
      },
    })
    expect(event).toMatchObject({
      tags: [
        { key: 'job', value: 'Mailer' },
        { key: 'retry', value: 'True' },
        { key: 'attempt', value: '2' },
        { key: 'os', value: 'Linux #1 SMP' },
        { key: 'os.name', value: 'Linux' },
        { key: 'runtime', value: 'ruby ruby 3.2.0' },
        { key: 'runtime.name', value: 'ruby' },
        { key: 'user', value: 'id:7' },
      ],
      user: { id: '7', ip: '127.0.0.1' },
      exceptions: [
        {
          type: 'ZeroDivisionError',
          module: null,
          stacktrace: { frames: [{ function: '/', contextLine: '1 / 0\n' }] },
        },
      ],
    })
  })

  test('sentry-go: exception as a list, time with an offset, empty strings', () => {
    const event = normalise({
      contexts: {
        device: { arch: 'amd64', num_cpu: 8 },
        os: { name: 'linux' },
        runtime: { name: 'go', version: 'go1.22' },
      },
      dist: '',
      environment: 'production',
      level: 'error',
      message: '',
      platform: 'go',
      server_name: 'web-1',
      user: {},
      exception: [
        {
          type: '*errors.errorString',
          value: 'boom',
          stacktrace: {
            frames: [{ function: 'main', module: 'main', abs_path: '/src/main.go', lineno: 9, in_app: true }],
          },
        },
      ],
      timestamp: '2026-01-31T13:59:00.123456789+02:00',
    })
    expect(event).toMatchObject({
      dist: null,
      message: null,
      occurredAt: new Date('2026-01-31T11:59:00.123Z'),
      exceptions: [
        { type: '*errors.errorString', stacktrace: { frames: [{ filename: '/src/main.go', module: 'main' }] } },
      ],
      contexts: { device: { arch: 'amd64' }, os: { name: 'linux', version: null } },
    })
  })

  test('sentry-java: message as an interface, module beside type, long logger, app in the release', () => {
    const event = normalise({
      platform: 'java',
      timestamp: '2026-01-31T11:59:00.000Z',
      logger: 'com.example.shop.orders.internal.processing.pipeline.stages.OrderStage',
      message: { formatted: 'Order 17 failed', message: 'Order {} failed', params: ['17'] },
      level: 'fatal',
      release: 'com.example.shop@2.0.1+77',
      exception: {
        values: [
          {
            type: 'IllegalStateException',
            value: 'no stock',
            module: 'java.lang',
            thread_id: 1,
            mechanism: { type: 'UncaughtExceptionHandler', handled: false },
            stacktrace: {
              frames: [
                {
                  filename: 'OrderStage.java',
                  function: 'run',
                  module: 'com.example.shop.OrderStage',
                  lineno: 41,
                  native: false,
                },
              ],
            },
          },
        ],
      },
      contexts: { runtime: { type: 'runtime', name: 'Oracle', version: '21' }, os: { raw_description: 'Linux 5.10' } },
    })
    expect(event).toMatchObject({
      logger: '*.shop.orders.internal.processing.pipeline.stages.OrderStage',
      message: { template: 'Order {} failed', formatted: 'Order 17 failed' },
      exceptions: [{ module: 'java.lang', mechanism: { handled: false } }],
      contexts: {
        app: { name: 'com.example.shop', version: '2.0.1', build: '77' },
        os: { name: 'Linux', version: '5.10' },
      },
    })
  })

  test('raven: legacy names throughout, the SDK only in the request', () => {
    const event = normalise(
      {
        'sentry.interfaces.Exception': {
          type: 'Error',
          value: 'Error: old',
          'sentry.interfaces.Stacktrace': { frames: [{ filename: 'a.js' }] },
        },
        'sentry.interfaces.Http': { url: 'http://x/?a', method: 'post' },
        'sentry.interfaces.User': { id: 1 },
        'sentry.interfaces.Contexts': { os: { name: 'Linux' } },
        tags: [
          ['environment', 'staging'],
          ['a', 'b'],
        ],
        level: 40,
        timestamp: '2026-01-31T11:59:00',
      },
      { client: 'raven-node/2.6.4' },
    )
    expect(event).toMatchObject({
      kind: 'error',
      environment: 'staging',
      tags: [
        { key: 'a', value: 'b' },
        { key: 'os', value: 'Linux' },
        { key: 'os.name', value: 'Linux' },
        { key: 'url', value: 'http://x/' },
        { key: 'user', value: 'id:1' },
      ],
      exceptions: [{ type: 'Error', value: 'Error: old', stacktrace: { frames: [{ filename: 'a.js' }] } }],
      request: { url: 'http://x/', method: 'POST' },
      user: { id: '1' },
      contexts: { os: { name: 'Linux' } },
      sdk: { name: 'raven-node', version: '2.6.4' },
    })
  })
})
