import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { runApp } from '../support/run-app.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitForReports } from '../support/wait-for-reports.ts'

// Each test runs an app of its own with the real @sentry/node, and a project of its own to find its events in.

const VISIBLE_MS_MAX = 2_000

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ workers: 0 })
  // Only the gateway's wake-up makes this worker look in time.
  await stack.addWorker({ WORKER_INTERVAL_SECS: '60' })
})

afterAll(() => stack?.stop())

test('what nobody catches is in analytics.reports within two seconds', async () => {
  const project = await addProject(stack, 'Uncaught')
  // The SDK sends what it has before it lets the process die: from here on the time runs.
  const { exitCode, output } = await runApp('uncaught.mjs', project.dsn)
  expect(exitCode, output).toBe(1)
  await waitForReports(stack, project, { msMax: VISIBLE_MS_MAX })
  const rows = await stack.sql`
    SELECT event_id, exception_type, issue, level, handled, culprit, platform, sdk_name, runtime_name,
      digested_at - received_at < '2 seconds' AS is_digested_soon
    FROM analytics.reports WHERE project_id = ${project.id}`
  expect(rows).toEqual([
    {
      event_id: expect.stringMatching(/^[0-9a-f]{32}$/),
      exception_type: 'TypeError',
      issue: 'uncaught-1',
      level: 'fatal',
      handled: false,
      culprit: 'priceOf(uncaught)',
      platform: 'node',
      sdk_name: 'sentry.javascript.node',
      runtime_name: 'node',
      is_digested_soon: true,
    },
  ])
})

test('an exception with a cause is one report, grouped by the type of the cause', async () => {
  const project = await addProject(stack, 'Cause')
  await runApp('cause.mjs', project.dsn)
  const reports = await waitForReports(stack, project)
  // The SDK says of the cause that it was handled: so it was, but what came of it was not.
  expect(reports).toMatchObject([{ exception_type: 'OrderError', handled: false }])
  const groupings = await stack.sql`
    SELECT jsonb_path_query_array(parts, '$[*] ? (@.kind == "type").text') AS types
    FROM grouping WHERE project_id = ${project.id}`
  expect(groupings).toEqual([{ types: ['RangeError'] }])
})

test('a message keeps its level, and each text is an issue of its own', async () => {
  const project = await addProject(stack, 'Levels')
  await runApp('levels.mjs', project.dsn)
  const reports = await waitForReports(stack, project, { count: 5 })
  expect(Object.fromEntries(reports.map(({ title, level }) => [title, level]))).toEqual({
    'the disk is gone': 'fatal',
    'the disk is full': 'error',
    'the disk fills up': 'warning',
    'the disk was cleaned': 'info',
    'the disk was looked at': 'debug',
  })
  expect(new Set(reports.map(({ issue }) => issue)).size).toBe(5)
})

test('everything the app says about itself reaches a column', async () => {
  const project = await addProject(stack, 'Scope')
  await runApp('scope.mjs', project.dsn)
  expect(await waitForReports(stack, project)).toMatchObject([
    {
      project: 'scope',
      tags: { 'payment.provider': 'acme', region: 'eu-central', attempt: '3' },
      ...{ release: 'shop@2.3.1+77', dist: '77', environment: 'staging', server_name: 'web-3' },
      ...{ app_name: 'shop', app_version: '2.3.1', app_build: '77' },
      ...{ user_identifier: '42', user_id: '42', user_email: 'ada@example.com', user_name: 'ada' },
      ...{ user_ip: '192.0.2.7', transaction: 'POST /cart/:id', culprit: 'POST /cart/:id' },
      ...{ os_name: 'AcmeOS', os_version: '9.1', locale: 'de-DE', timezone: 'Europe/Berlin' },
      ...{ device_manufacturer: 'Acme', device_brand: 'Roadrunner', device_model: 'A-1', device_family: 'A' },
      ...{ device_arch: 'arm64', runtime_name: 'node', runtime_version: process.version },
      ...{ level: 'error', handled: true, exception_message: 'the card was declined' },
    },
  ])
})

test('twenty repeats of one error are one issue that counts twenty', async () => {
  const project = await addProject(stack, 'Repeats')
  await runApp('repeats.mjs', project.dsn)
  await waitForReports(stack, project, { count: 20 })
  const issues = await stack.sql`
    SELECT number::int, event_count::int,
      (SELECT sum(hour.event_count)::int FROM issue_hour AS hour
       JOIN grouping ON grouping.project_id = hour.project_id AND grouping.id = hour.grouping_id
       WHERE hour.project_id = issue.project_id AND grouping.issue_id = issue.id) AS by_hour
    FROM issue WHERE project_id = ${project.id}`
  expect(issues).toEqual([{ number: 1, event_count: 20, by_hour: 20 }])
})

test('three different errors are the issues 1, 2 and 3', async () => {
  const project = await addProject(stack, 'Different')
  await runApp('different.mjs', project.dsn)
  const reports = await waitForReports(stack, project, { count: 3 })
  expect(reports.map(({ issue }) => issue).sort()).toEqual(['different-1', 'different-2', 'different-3'])
  expect(reports.map(({ exception_type }) => exception_type).sort()).toEqual(['Error', 'RangeError', 'TypeError'])
})

test('an event so large that the SDK compresses it arrives', async () => {
  const project = await addProject(stack, 'Large')
  await runApp('large.mjs', project.dsn)
  expect(await waitForReports(stack, project)).toMatchObject([{ exception_message: 'the report is large' }])
  const archives = await stack.sql`
    SELECT encoding FROM archive WHERE project_id = ${project.id} AND event_id IS NOT NULL`
  expect(archives).toEqual([{ encoding: 'gzip' }])
})

test('NUL and half a surrogate pair cost neither the event nor the text around them', async () => {
  const project = await addProject(stack, 'Unclean')
  await runApp('unclean-text.mjs', project.dsn)
  expect(await waitForReports(stack, project)).toMatchObject([
    {
      exception_message: 'a\ufffdb a\ufffdb',
      tags: { nul: 'a\ufffdb', lone: 'a\ufffdb' },
      ...{ user_id: 'a\ufffdb', user_name: 'a\ufffdb', os_name: 'a\ufffdb', os_version: 'a\ufffdb' },
    },
  ])
})
