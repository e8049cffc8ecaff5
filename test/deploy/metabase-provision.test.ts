import { cp, readdir } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { waitFor } from '../support/wait-for.ts'
import { type MetabaseOptions, type MetabaseServer, startMetabase } from './metabase-server.ts'
import { PROVISION, runProvision, SECRETS, startProvision } from './run-provision.ts'

const TIMEOUT = 240_000

const running: MetabaseServer[] = []

async function metabase(options: MetabaseOptions = {}): Promise<MetabaseServer> {
  const server = await startMetabase(options)
  running.push(server)
  return server
}

/** Whatever a test provokes, nothing is asked of Metabase that it does not know. */
afterEach(async () => {
  const refused = running.flatMap((server) => server.refused)
  await Promise.all(running.splice(0).map((server) => server.stop()))
  expect(refused).toEqual([])
})

async function provisioned(options: MetabaseOptions = {}): Promise<MetabaseServer> {
  const server = await metabase(options)
  const { exitCode, output } = await runProvision(server.url)
  expect(exitCode, output).toBe(0)
  return server
}

function only<One>(list: readonly One[]): One {
  const [one] = list
  if (one === undefined || list.length > 1) throw new Error(`there are ${list.length}`)
  return one
}

const copy = <Value>(value: Value): Value => structuredClone(value)

describe('a Metabase nobody has set up', () => {
  test('gets its administrator, the connection, the questions and the dashboard', { timeout: TIMEOUT }, async () => {
    const { state, synced, url } = await metabase()
    const { exitCode, output } = await runProvision(url)
    expect(exitCode, output).toBe(0)
    expect(state.administrator).toEqual({ email: 'admin@example.com', password: SECRETS.admin })
    const database = only(state.databases)
    expect(database).toMatchObject({
      name: 'Rumen',
      engine: 'postgres',
      details: {
        host: 'database',
        port: 5432,
        dbname: 'rumen',
        user: 'metabase_readonly',
        password: SECRETS.readonly,
        'schema-filters-type': 'inclusion',
        'schema-filters-patterns': 'analytics',
      },
    })
    expect(synced).toEqual([database.id])
    const collection = only(state.collections)
    expect(state.cards.length).toBeGreaterThan(15)
    expect(new Set(state.cards.map(({ collection_id }) => collection_id))).toEqual(new Set([collection.id]))
    expect(only(state.dashboards)).toMatchObject({ name: 'Rumen', collection_id: collection.id })
    expect(output).toContain(`${url}/dashboard/${only(state.dashboards).id}`)
    for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret)
  })

  test('the dashboard shows every question once, side by side, with both filters connected', {
    timeout: TIMEOUT,
  }, async () => {
    const { state } = await provisioned()
    const { dashcards, parameters } = only(state.dashboards)
    const shown = dashcards.map(({ card_id }) => state.cards.find(({ id }) => id === card_id)?.name)
    const all = state.cards.map(({ name }) => name)
    expect(shown.toSorted()).toEqual(all.filter((name) => name !== 'Projects').toSorted())

    const cells = dashcards.flatMap(({ row, col, size_x, size_y }) =>
      Array.from({ length: size_x * size_y }, (_, at) => `${row + Math.floor(at / size_x)}:${col + (at % size_x)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(Math.max(...dashcards.map(({ col, size_x }) => col + size_x))).toBe(24)

    const [project, days] = parameters
    expect(project?.values_source_config).toEqual({
      card_id: state.cards.find(({ name }) => name === 'Projects')?.id,
      value_field: ['field', 'project', { 'base-type': 'type/Text' }],
    })
    for (const { card_id, parameter_mappings } of dashcards) {
      const tags = state.cards.find(({ id }) => id === card_id)?.dataset_query.native['template-tags'] ?? {}
      const connected = (parameter_mappings ?? []).map(({ parameter_id, target: [, [, tag]] }) => [parameter_id, tag])
      const wanted = Object.keys(tags).map((tag) => [tag === 'project' ? project?.id : days?.id, tag])
      expect(connected.toSorted()).toEqual(wanted.toSorted())
    }
  })

  test('a password it does not take is said, with its variable and without the password', {
    timeout: TIMEOUT,
  }, async () => {
    const { url } = await metabase()
    const { exitCode, output } = await runProvision(url, { METABASE_ADMIN_PASSWORD: 'letmein' })
    expect(exitCode).toBe(1)
    expect(output).toContain('METABASE_ADMIN_PASSWORD')
    expect(output).toContain('too common')
    expect(output).not.toContain('letmein')
  })
})

test('a second provisioning that sets Metabase up at the same moment hinders nobody', {
  timeout: TIMEOUT,
}, async () => {
  const { state } = await provisioned({ rival: { email: 'admin@example.com', password: SECRETS.admin } })
  expect(state.dashboards).toHaveLength(1)
})

describe('a second run', () => {
  test('changes nothing, but sends the password again and looks for new views', { timeout: TIMEOUT }, async () => {
    const { state, writes, url } = await provisioned()
    const before = copy(state)
    writes.length = 0
    const { exitCode, output } = await runProvision(url)
    expect(exitCode, output).toBe(0)
    expect(state).toEqual(before)
    const { id } = only(state.databases)
    expect(writes).toEqual([`PUT /api/database/${id}`, `POST /api/database/${id}/sync_schema`])
  })

  test('a new password of the analysts arrives', { timeout: TIMEOUT }, async () => {
    const { state, url } = await provisioned()
    const { exitCode } = await runProvision(url, { METABASE_READONLY_PASSWORD: 'another' })
    expect(exitCode).toBe(0)
    expect(only(state.databases).details.password).toBe('another')
  })

  test('a question that was changed or lost is as it was, and nothing else is written', {
    timeout: TIMEOUT,
  }, async () => {
    const { state, writes, url } = await provisioned()
    const before = copy(state)
    const [changed, lost] = state.cards
    if (!changed || !lost) throw new Error('no questions')
    changed.dataset_query.native.query = 'SELECT 1'
    state.cards = state.cards.filter((card) => card !== lost)
    const dashboard = only(state.dashboards)
    dashboard.dashcards = dashboard.dashcards.filter(({ card_id }) => card_id !== lost.id)
    writes.length = 0
    const { exitCode, output } = await runProvision(url)
    expect(exitCode, output).toBe(0)
    expect(state.cards.map(({ name, dataset_query }) => [name, dataset_query]).toSorted()).toEqual(
      before.cards.map(({ name, dataset_query }) => [name, dataset_query]).toSorted(),
    )
    expect(writes.filter((write) => !write.includes('/database'))).toEqual([
      `PUT /api/card/${changed.id}`,
      'POST /api/card',
      `PUT /api/dashboard/${dashboard.id}`,
    ])
    const spots = only(state.dashboards).dashcards.map(({ row, col }) => `${row}:${col}`)
    expect(spots.toSorted()).toEqual(
      only(before.dashboards)
        .dashcards.map(({ row, col }) => `${row}:${col}`)
        .toSorted(),
    )
  })
})

test('a run that was killed after any of its writes is completed by the next one', { timeout: 600_000 }, async () => {
  const whole = await provisioned()
  const shape = ({ state }: MetabaseServer) => ({
    databases: state.databases.map(({ name }) => name),
    collections: state.collections.map(({ name }) => name),
    cards: state.cards.map(({ name }) => name),
    dashboards: state.dashboards.map(({ name, dashcards }) => [name, dashcards.length]),
  })
  const count = whole.writes.length
  // Each kind of write there is, and a question in the middle.
  for (const write of [1, 2, 3, 4, 12, count - 1, count]) {
    const { promise: reached, resolve } = Promise.withResolvers<void>()
    const server = await metabase({ muteAt: { write, reached: resolve } })
    const run = startProvision(server.url)
    await reached
    run.child.kill('SIGKILL')
    await run.ended
    const { exitCode, output } = await runProvision(server.url)
    expect(exitCode, `killed at write ${write}: ${output}`).toBe(0)
    expect(shape(server), `killed at write ${write}`).toEqual(shape(whole))
  }
})

describe('what people made', () => {
  test('stays: databases, collections, questions, dashboards, and all they put on ours', {
    timeout: TIMEOUT,
  }, async () => {
    const { state, url } = await provisioned()
    const [database] = state.databases
    const [card] = state.cards
    const dashboard = only(state.dashboards)
    const [moved, tied] = dashboard.dashcards
    if (!database || !card || !moved || !tied) throw new Error('nothing was provisioned')
    state.databases.push({ ...database, id: 1, name: 'Shop' })
    state.collections.push({ id: 2, name: 'Rumen', personal_owner_id: 7 }, { id: 3, name: 'Reports' })
    state.cards.push({ ...card, id: 4, name: 'Mine' }, { ...card, id: 5, name: 'Events', collection_id: 3 })
    state.dashboards.push({ ...dashboard, id: 6, name: 'Mine', dashcards: [], parameters: [] })
    // Two tabs, a filter, a heading, a card of theirs with a series; ours moved, and connected to their filter.
    dashboard.tabs = [
      { id: 21, name: 'All' },
      { id: 22, name: 'Shop' },
    ]
    for (const dashcard of dashboard.dashcards) dashcard.dashboard_tab_id = 21
    dashboard.parameters.unshift({ id: 'abc', type: 'date/all-options', name: 'When', slug: 'when' })
    dashboard.dashcards.push(
      {
        id: 31,
        card_id: null,
        dashboard_tab_id: 22,
        row: 0,
        col: 0,
        size_x: 24,
        size_y: 1,
        visualization_settings: { text: 'Shop' },
      },
      { id: 32, card_id: 4, dashboard_tab_id: 22, row: 1, col: 0, size_x: 6, size_y: 4, series: [{ id: 5 }] },
    )
    moved.row = 200
    moved.size_x = 3
    tied.parameter_mappings?.unshift({ parameter_id: 'abc', target: ['variable', ['template-tag', 'when']] })
    const before = copy(state)
    // Something of ours to put, or there would be no write that could do harm.
    const lost = dashboard.dashcards.findIndex(({ row }) => row > 50 && row < 200)
    dashboard.dashcards.splice(lost, 1)
    dashboard.parameters = dashboard.parameters.filter(({ slug }) => slug !== 'days')

    const { exitCode, output } = await runProvision(url)
    expect(exitCode, output).toBe(0)
    const sorted = (dashcards: (typeof dashboard)['dashcards']) =>
      dashcards.map(({ id: _, ...rest }) => JSON.stringify(rest, Object.keys(rest).toSorted())).toSorted()
    expect({ ...state, dashboards: [] }).toEqual({ ...before, dashboards: [] })
    const [after, other] = state.dashboards
    const [then, otherThen] = before.dashboards
    expect(other).toEqual(otherThen)
    expect(after?.tabs).toEqual(then?.tabs)
    expect(after?.parameters.map(({ slug }) => slug)).toEqual(['when', 'project', 'days'])
    expect(sorted(after?.dashcards ?? [])).toEqual(sorted(then?.dashcards ?? []))
    expect(after?.dashcards.filter(({ id }) => id < 100)).toEqual(then?.dashcards.filter(({ id }) => id < 100))
  })

  test('what is new goes below it where it would lie on it', { timeout: TIMEOUT }, async () => {
    const { state, url } = await provisioned()
    const dashboard = only(state.dashboards)
    const gone = dashboard.dashcards.shift()
    const [card] = state.cards
    if (!gone || !card) throw new Error('nothing was provisioned')
    state.cards.push({ ...card, id: 4, name: 'Mine' })
    dashboard.dashcards.push({ id: 31, card_id: 4, row: 1, col: 2, size_x: 2, size_y: 5 })
    const bottom = Math.max(...dashboard.dashcards.map(({ row, size_y }) => row + size_y))
    expect((await runProvision(url)).exitCode).toBe(0)
    expect(dashboard.dashcards.find(({ card_id }) => card_id === gone.card_id)).toMatchObject({
      row: bottom,
      col: gone.col,
    })
    expect(dashboard.dashcards.find(({ id }) => id === 31)).toMatchObject({ row: 1, col: 2, size_x: 2, size_y: 5 })
  })

  test('a database of the name that is something else is not touched', { timeout: TIMEOUT }, async () => {
    const { state } = await provisioned()
    const database = { ...only(state.databases), name: 'Rumen' }
    Object.assign(database, { engine: 'mysql' })
    const server = await metabase({ state: { ...copy(state), databases: [database] } })
    const { exitCode, output } = await runProvision(server.url)
    expect(exitCode).toBe(1)
    expect(output).toContain('rename it')
    expect(server.writes).toEqual([])
  })
})

describe('a Metabase that is not there yet', () => {
  test('is waited for: nobody listens, then it starts, then it is ready', { timeout: TIMEOUT }, async () => {
    const first = await startMetabase()
    await first.stop()
    const run = startProvision(first.url)
    await waitFor('the first look', () => run.output().includes('does not answer'), 60_000)
    const server = await metabase({ port: first.port, slow: 2 })
    expect(await run.ended, run.output()).toBe(0)
    expect(run.output()).toContain('not ready yet (503)')
    expect(server.state.dashboards).toHaveLength(1)
  })

  test('is given up in the end, saying where it was looked for', { timeout: TIMEOUT }, async () => {
    const server = await startMetabase()
    await server.stop()
    const { exitCode, output } = await runProvision(server.url, { METABASE_WAIT_SECS: '1' })
    expect(exitCode).toBe(1)
    expect(output).toContain(`within 1 seconds: Metabase does not answer at ${server.url}`)
  })

  test('is not waited for where something else answers', { timeout: TIMEOUT }, async () => {
    const page = createServer((_, response) => response.end('<html>hello</html>'))
    await new Promise<void>((listening) => page.listen(0, '127.0.0.1', listening))
    const address = page.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const { exitCode, output } = await runProvision(`http://127.0.0.1:${port}`)
    page.closeAllConnections()
    await new Promise((closed) => page.close(closed))
    expect(exitCode).toBe(1)
    expect(output).toContain('is that really a Metabase?')
  })
})

describe('what is refused is said in one sentence', () => {
  const administrator = { email: 'admin@example.com', password: 'changed since' }

  test('the password of the administrator', { timeout: TIMEOUT }, async () => {
    const { url, writes } = await metabase({ state: { administrator } })
    const { exitCode, output } = await runProvision(url)
    expect(exitCode).toBe(1)
    expect(output).toContain('refuses METABASE_ADMIN_EMAIL with METABASE_ADMIN_PASSWORD')
    expect(output).not.toContain(SECRETS.admin)
    expect(writes).toEqual([])
  })

  test('the database, in words of Metabase without the password it repeats', { timeout: TIMEOUT }, async () => {
    const { url, state } = await metabase({
      refusal: ({ user, password }) => `password authentication failed for user "${user}" (${password})`,
    })
    const { exitCode, output } = await runProvision(url)
    expect(exitCode).toBe(1)
    expect(output).toContain(
      'Metabase cannot open the database as metabase_readonly at database:5432/rumen: password authentication failed',
    )
    expect(output).not.toContain(SECRETS.readonly)
    expect(state.databases).toEqual([])
  })

  test.each([
    ['v0.56.4', 'too old'],
    ['v1.49.0', 'too old'],
    ['v0.65.0', 'newer than what is known'],
    ['vLOCAL_DEV', 'unknown'],
  ])('a version it was not written for: %s is %s', { timeout: TIMEOUT }, async (tag, age) => {
    const { url, state } = await metabase({ state: { tag } })
    const { exitCode, output } = await runProvision(url)
    expect(exitCode).toBe(1)
    expect(output).toContain(`This Metabase is ${age} (${tag})`)
    expect(state.databases).toEqual([])
    expect((await runProvision(url, { METABASE_ANY_VERSION: 'true' })).exitCode).toBe(0)
  })

  test('every variable that is missing or wrong, at once', { timeout: TIMEOUT }, async () => {
    const { exitCode, output } = await runProvision('metabase:3001', {
      METABASE_ADMIN_PASSWORD: '',
      METABASE_READONLY_PORT: 'many',
      METABASE_READONLY_SSL: 'yes',
    })
    expect(exitCode).toBe(1)
    for (const name of ['URL', 'ADMIN_PASSWORD', 'READONLY_PORT', 'READONLY_SSL']) {
      expect(output).toContain(`METABASE_${name}`)
    }
    expect(output).not.toContain(SECRETS.readonly)
  })
})

test('it needs nothing but its folder, as the container has it', { timeout: TIMEOUT }, async () => {
  const folder = await temporaryFolder('rumen-metabase-')
  const source = join(PROVISION, '..')
  expect((await readdir(source)).every((name) => name.endsWith('.ts'))).toBe(true)
  await cp(source, folder.path, { recursive: true })
  const { url } = await metabase()
  const { exitCode, output } = await runProvision(
    url,
    {},
    {
      program: join(folder.path, 'provision.ts'),
      flags: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'],
    },
  )
  expect(exitCode, output).toBe(0)
  expect(output).not.toContain('Warning')
  await folder.remove()
})
