import { describe, expect, test } from 'vitest'
import { contextsByType } from './contexts-by-type.ts'
import { normaliseContexts } from './normalise-contexts.ts'
import { parseRelease } from './normalise-release.ts'

const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36'
const contexts = (value: unknown, release: string | null = null, agent: string | null = null) =>
  normaliseContexts(contextsByType(value), parseRelease(release), agent)

describe('a context is found by its type', () => {
  test.each<[string, unknown]>([
    ['its key', { runtime: { name: 'node', version: 'v24' } }],
    ['a type it names', { runtime_2: { type: 'runtime', name: 'node', version: 'v24' } }],
    [
      'the plain key before another',
      { x: { type: 'runtime', name: 'other' }, runtime: { name: 'node', version: 'v24' } },
    ],
    [
      'the first of several others',
      { a: { type: 'runtime', name: 'node', version: 'v24' }, b: { type: 'runtime', name: 'b' } },
    ],
    ['a type that is no text counts as absent', { runtime: { type: 7, name: 'node', version: 'v24' } }],
  ])('%s', (_name, value) => {
    expect(contexts(value).runtime).toEqual({ name: 'node', version: 'v24' })
  })
  test.each([
    undefined,
    null,
    [],
    'x',
    { runtime: null },
    { runtime: [] },
    { runtime: 'node' },
    { runtime: { type: 'os' } },
  ])('%j holds none', (value) => {
    expect(contexts(value).runtime).toEqual({ name: null, version: null })
  })
})

test('every field of every context is read', () => {
  const value = {
    os: { name: 'iOS', version: '17.4' },
    browser: { name: 'Chrome', version: 124 },
    app: { app_name: 'Shop', app_version: '1.2', app_build: 45 },
    device: {
      manufacturer: 'Apple',
      brand: 'iPhone',
      model: 'iPhone15,2',
      family: 'iPhone',
      arch: 'arm64',
      chipset: 'A16',
      connection_type: 'wifi',
      orientation: 'portrait',
      screen_width_pixels: 1179,
      screen_height_pixels: 2556,
      screen_density: 2.75,
      screen_dpi: 460,
      processor_count: 6,
      memory_size: 5_900_000_000,
    },
    culture: { locale: 'en-US', timezone: 'Europe/Berlin' },
  }
  expect(contexts(value)).toEqual({
    os: { name: 'iOS', version: '17.4' },
    runtime: { name: null, version: null },
    browser: { name: 'Chrome', version: '124' },
    app: { name: 'Shop', version: '1.2', build: '45' },
    device: {
      manufacturer: 'Apple',
      brand: 'iPhone',
      model: 'iPhone15,2',
      family: 'iPhone',
      arch: 'arm64',
      chipset: 'A16',
      connectionType: 'wifi',
      orientation: 'portrait',
      screenWidth: 1179,
      screenHeight: 2556,
      screenDensity: 2.75,
      screenDpi: 460,
      processorCount: 6,
      memorySize: 5_900_000_000,
    },
    culture: { locale: 'en-US', timezone: 'Europe/Berlin' },
  })
})

test('older devices say locale, timezone and resolution in their own way', () => {
  const { culture, device } = contexts({ device: { locale: 'de', timezone: 'UTC', screen_resolution: '1920x1080' } })
  expect(culture).toEqual({ locale: 'de', timezone: 'UTC' })
  expect([device.screenWidth, device.screenHeight]).toEqual([1920, 1080])
})

test.each([-1, 1.5, 1e300, '1024', Number.NaN, null, {}])('%j is no number of pixels or bytes', (value) => {
  const { device } = contexts({ device: { screen_width_pixels: value, memory_size: value, screen_dpi: value } })
  expect([device.screenWidth, device.memorySize, device.screenDpi]).toEqual([null, null, null])
})

test.each([
  ['Microsoft Windows 10.0.19043', 'Windows', '10.0.19043'],
  ['Microsoft Windows NT 10.0.19043.0', 'Windows NT', '10.0.19043.0'],
  ['Linux 5.4.0-80-generic #90-Ubuntu SMP', 'Linux', '5.4.0-80-generic'],
  ['Darwin Kernel Version 17.7.0: Thu Jun 21', 'Darwin Kernel Version', '17.7.0'],
  ['.NET Framework 4.8.4110.0', '.NET Framework', '4.8.4110.0'],
  ['mono v6.12', 'mono', '6.12'],
])('the description %j is a name and a version', (description, name, version) => {
  expect(contexts({ os: { raw_description: description } }).os).toEqual({ name, version })
})

test('a description without a version is a name', () => {
  expect(contexts({ os: { raw_description: 'Haiku' } }).os).toEqual({ name: 'Haiku', version: null })
})

test('what the SDK left out comes from release and User-Agent, what it sent stays', () => {
  const bare = contexts({}, 'shop@1.2.3+45', CHROME)
  expect(bare.app).toEqual({ name: 'shop', version: '1.2.3', build: '45' })
  expect(bare.browser).toEqual({ name: 'Chrome', version: '124.0.0' })
  expect(bare.os).toEqual({ name: 'Mac OS X', version: '10.15.7' })
  expect([bare.device.family, bare.device.brand]).toEqual(['Mac', 'Apple'])
  const full = contexts(
    { os: { name: 'Linux' }, browser: { name: 'X' }, device: { arch: 'x64' }, app: { app_version: '9' } },
    'shop@1.2.3+45',
    CHROME,
  )
  expect([full.os.name, full.browser.name, full.device.family, full.app.version]).toEqual(['Linux', 'X', null, '9'])
})

test.each<[string | null, unknown]>([
  ['shop@1.2.3+45', ['shop', '1.2.3', '45']],
  ['@scope/pkg@1.0', ['@scope/pkg', '1.0', null]],
  ['shop@', ['shop', null, null]],
  ['@1.0', [null, null, null]],
  ['1.2.3', [null, null, null]],
  ['0123456789abcdef', [null, null, null]],
  [null, [null, null, null]],
])('release %j has the parts %j', (release, parts) => {
  expect(Object.values(parseRelease(release))).toEqual(parts)
})
