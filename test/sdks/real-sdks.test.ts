import { afterAll, beforeAll, expect, test } from 'vitest'
import { addProject } from '../support/add-project.ts'
import { digestOf, type ItemTable, itemRowsOf } from '../support/digest-of.ts'
import { type RecordingProxy, startRecordingProxy } from '../support/recording-proxy.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { runProgram } from './run-program.ts'
import { SDKS } from './sdk.ts'

// Real SDKs of several languages and ages. A run of all tests takes those that are there; `pnpm test:sdks` installs all of
// them, and fails where one is missing.

const wanted = process.env.RUMEN_TEST_SDKS === 'all' ? SDKS : SDKS.filter((sdk) => sdk.isInstalled())

/** Go compiles, and older versions come from the registry. */
const TEST_MS_MAX = 180_000

let stack: Stack
let proxy: RecordingProxy

beforeAll(async () => {
  stack = await startStack()
  proxy = await startRecordingProxy(stack.gatewayUrl)
})

afterAll(async () => {
  await proxy?.stop()
  await stack?.stop()
})

test.each(wanted)(
  'everything $name sends is answered 200, and its errors are reports',
  async (sdk) => {
    const folder = await temporaryFolder('rumen-sdk-')
    try {
      const project = await addProject(stack, sdk.name)
      const dsn = project.dsn.replace(new URL(stack.gatewayUrl).host, new URL(proxy.url).host)
      const before = proxy.passed.length
      const { exitCode, output } = await runProgram(await sdk.prepare(folder.path), dsn)
      expect(exitCode, output).toBe(0)

      const passed = proxy.passed.slice(before)
      expect(passed.filter(({ status }) => status !== 200)).toEqual([])
      const requests = passed.map(({ path, encoding }) => `${path.split('/').at(-2)} ${encoding || 'plain'}`)
      expect(requests).toEqual(expect.arrayContaining([...sdk.requests]))

      const { reports, errors, outcomes } = await digestOf(stack, project)
      expect(errors).toEqual([])
      expect(outcomes).toMatchObject(sdk.outcomes)
      for (const [table, rows] of Object.entries(sdk.rows)) {
        const found = await itemRowsOf(stack, project, table as ItemTable)
        expect(found, table).toHaveLength(rows.length)
        expect(found, table).toEqual(expect.arrayContaining(rows.map((row) => expect.objectContaining(row))))
      }
      const said = {
        ...{
          release: 'shop@2.3.1',
          environment: 'staging',
          server_name: 'web-3',
          app_name: 'shop',
          app_version: '2.3.1',
        },
        ...{ tags: { region: 'eu' }, user_id: '42', user_email: 'ada@example.com' },
      }
      const caught = reports.find(({ exception_type }) => exception_type === sdk.caught.exception_type)
      expect(caught).toMatchObject({ ...sdk.caught, ...said, level: 'error' })
      const message = reports.find(({ title }) => title === 'the disk fills up')
      expect(message).toMatchObject({ ...said, level: 'warning' })
    } finally {
      await folder.remove()
    }
  },
  TEST_MS_MAX,
)
