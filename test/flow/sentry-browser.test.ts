import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { type ServedPage, servePage } from '../support/serve-page.ts'
import { type RunningChromium, startChromium } from '../support/start-chromium.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

let stack: Stack
let site: ServedPage
let chromium: RunningChromium

beforeAll(async () => {
  stack = await startStack()
  const program = fileURLToPath(new URL('apps/shop.mjs', import.meta.url))
  site = await servePage(program, { SENTRY_DSN: stack.dsn })
  chromium = await startChromium()
})

afterAll(async () => {
  await chromium?.stop()
  await site?.stop()
  await stack?.stop()
})

test('errors of a page from another origin become issues, caught or not', async () => {
  expect(new URL(site.url).origin).not.toBe(new URL(stack.gatewayUrl).origin)
  const page = await chromium.browser.newPage({ locale: 'de-DE', timezoneId: 'Europe/Berlin' })
  const complaints: string[] = []
  page.on('console', (message) => complaints.push(message.text()))
  page.on('requestfailed', (request) => complaints.push(`${request.url()} ${request.failure()?.errorText}`))
  await page.goto(site.url)

  // A status that CORS hides from the page is undefined for the SDK.
  await page.waitForFunction('answers.length === 2')
  expect(await page.evaluate('answers')).toEqual([200, 200])
  expect(complaints).toEqual([])

  const seen = {
    ...{ platform: 'javascript', sdk_name: 'sentry.javascript.browser', level: 'error', url: site.url },
    ...{ release: 'shop@1.0.0', environment: 'staging', app_name: 'shop', app_version: '1.0.0' },
    ...{ locale: 'de-DE', timezone: 'Europe/Berlin' },
  }
  const reports = await waitForReports(stack, stack.project, { count: 2 })
  const byType = new Map(reports.map((report) => [report.exception_type, report]))
  expect(byType.get('PaymentError')).toMatchObject({ ...seen, handled: true, culprit: 'pay(/shop.js)' })
  expect(byType.get('TypeError')).toMatchObject({
    ...seen,
    handled: false,
    exception_mechanism: 'auto.browser.global_handlers.onerror',
    culprit: 'showCart(/shop.js)',
  })
  expect(new Set(reports.map(({ issue }) => issue)).size).toBe(2)
})

test('a page whose project is over its quota can read so, and sends no more errors for as long as it was told', async () => {
  const project = await addProject(stack, 'Limited')
  await stack.sql`UPDATE project SET quota_per_month = 1 WHERE id = ${project.id}`
  const program = fileURLToPath(new URL('apps/limited.mjs', import.meta.url))
  const limited = await servePage(program, { SENTRY_DSN: project.dsn })
  try {
    const page = await chromium.browser.newPage()
    const posts: number[] = []
    page.on('response', (response) => {
      if (response.request().method() === 'POST') posts.push(response.status())
    })
    await page.goto(limited.url)
    await page.waitForFunction('answers.length === 3')
    expect(await page.evaluate('answers')).toEqual([200, 429, 'held back'])
    expect(posts).toEqual([200, 429])
  } finally {
    await limited.stop()
  }
})
