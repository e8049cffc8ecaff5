import { expect, test } from 'vitest'
import { USER_AGENTS_MAX } from './limits.ts'
import { parseUserAgent } from './user-agent.ts'

test.each([
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.6367.60 Safari/537.36',
    'Chrome 124.0.6367, Windows 10',
  ],
  [
    'Mozilla/5.0 (Windows NT 6.3; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.2478.51',
    'Edge 124.0.2478, Windows 8.1',
  ],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:125.0) Gecko/20100101 Firefox/125.0', 'Firefox 125.0, Linux null'],
  [
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/147.0.0.0 Safari/537.36',
    'HeadlessChrome 147.0.0, Linux null',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15',
    'Safari 17.4.1, Mac OS X 10.15.7, Mac',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1',
    'Mobile Safari 17.4, iOS 17.4, iPhone',
  ],
  [
    'Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/124.0.6367.68 Mobile/15E148 Safari/604.1',
    'Chrome Mobile iOS 124.0.6367, iOS 16.6, iPad',
  ],
  [
    'Mozilla/5.0 (Linux; Android 13; SM-S901B Build/TP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36',
    'Chrome Mobile 124.0.0, Android 13, SM-S901B',
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/24.0 Chrome/117.0.0.0 Mobile Safari/537.36',
    'Samsung Internet 24.0, Android 10',
  ],
  ['Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko', 'IE 11.0, Windows 7'],
  ['curl/8.5.0', ''],
  ['', ''],
])('%s', (agent, expected) => {
  const { browser, os, device } = parseUserAgent(agent)
  const parts = [browser && `${browser.name} ${browser.version}`, os && `${os.name} ${os.version}`, device?.model]
  expect(parts.filter(Boolean).join(', ')).toBe(expected)
})

test.each(['Trident/', 'Android 1; ', 'Version/1 Mobile/', 'CrOS ', '(iPhone', 'Mac OS X 1_'])(
  'a megabyte of %j costs nothing',
  (part) => {
    const started = performance.now()
    parseUserAgent(part.repeat(1_000_000 / part.length))
    expect(performance.now() - started).toBeLessThan(1000)
  },
)

test.each([
  [
    'Mozilla/5.0 (Linux; Android 13; SM-S901B Build/TP1A; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/124.0.0.0 Mobile Safari/537.36',
    'Chrome Mobile WebView on Android, Samsung SM-S901B',
  ],
  ['Mozilla/5.0 (Android 13; Mobile; rv:125.0) Gecko/125.0 Firefox/125.0', 'Firefox Mobile on Android'],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/124.0 Mobile/15E148 Safari/605.1.15',
    'Firefox iOS on iOS, Apple iPhone',
  ],
  [
    'Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36',
    'Chrome on Chrome OS',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) app/1.0 Chrome/124.0.0.0 Electron/30.0.1 Safari/537.36',
    'Electron on Mac OS X, Apple Mac',
  ],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/109.0.0.0',
    'Opera on Windows',
  ],
])('%s is %s', (agent, expected) => {
  const { browser, os, device } = parseUserAgent(agent)
  const made = device === null ? '' : `, ${device.brand} ${device.model}`
  expect(`${browser?.name} on ${os?.name}${made}`).toBe(expected)
})

test('an agent seen before is not parsed again, but only the last ones are kept', () => {
  const agent = 'Mozilla/5.0 (X11; Linux x86_64; rv:1.0) Gecko/20100101 Firefox/1.0'
  const first = parseUserAgent(agent)
  expect(parseUserAgent(agent)).toBe(first)
  for (let i = 0; i < USER_AGENTS_MAX; i++) parseUserAgent(`x/${i}`)
  expect(parseUserAgent(agent)).not.toBe(first)
  expect(parseUserAgent(agent)).toEqual(first)
})
