import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import * as v from 'valibot'
import { BODIES, type CardBody, type DashboardBody, type DatabaseBody } from './metabase-bodies.ts'

type Dashcard = DashboardBody['dashcards'][number]

interface Dashboard {
  id: number
  name: string
  collection_id: number | null
  parameters: DashboardBody['parameters']
  dashcards: Dashcard[]
  tabs: { id: number; name: string }[]
}

interface Administrator {
  email: string
  password: string
}

/** What a Metabase holds; a test looks into it, and puts there what people made. */
export interface MetabaseState {
  tag: string
  administrator: Administrator | null
  databases: (DatabaseBody & { id: number })[]
  collections: { id: number; name: string; personal_owner_id?: number }[]
  cards: (CardBody & { id: number })[]
  dashboards: Dashboard[]
}

export interface MetabaseServer {
  url: string
  port: number
  state: MetabaseState
  /** Requests that changed something, `POST /api/card`, in their order. */
  writes: string[]
  /** Requests of no documented form, or with a body of another one. */
  refused: string[]
  synced: number[]
  stop(): Promise<void>
}

export interface MetabaseOptions {
  state?: Partial<MetabaseState>
  port?: number
  /** Somebody who sets it up at the same moment, and is faster. */
  rival?: Administrator
  /** So many questions after its health are answered that it is still starting. */
  slow?: number
  /** What it says when it cannot open a database with these details. */
  refusal?: (details: DatabaseBody['details']) => string | null
  /** Carries out the write of that number, tells of it, and never answers. */
  muteAt?: { write: number; reached: () => void }
}

const TOKEN = '2f7a2c1e-setup'
const SESSION = '38f4939c-ad7f-4cbe-ae54-30946daf8593'
const HIDDEN = '**MetabasePass**'
const NEVER = new Promise<never>(() => undefined)

/** A small Metabase of the endpoints the provisioning may use; it answers 404 to all others, 400 to bodies they do not take. */
export async function startMetabase(options: MetabaseOptions = {}): Promise<MetabaseServer> {
  const state: MetabaseState = {
    tag: 'v0.63.19',
    administrator: null,
    databases: [],
    collections: [],
    cards: [],
    dashboards: [],
    ...options.state,
  }
  const writes: string[] = []
  const refused: string[] = []
  const synced: number[] = []
  let ids = 1000
  let starting = options.slow ?? 0
  const nextId = () => ++ids

  const refuse = (c: Context, status: 400 | 401 | 403 | 404, body: object | string) => {
    refused.push(`${c.req.method} ${c.req.path}: ${status} ${JSON.stringify(body)}`)
    return typeof body === 'string' ? c.text(body, status) : c.json(body, status)
  }
  /** The body, or the refusal. */
  const read = async <Schema extends v.GenericSchema>(c: Context, schema: Schema) => {
    const result = v.safeParse(schema, await c.req.json())
    if (result.success) return { body: result.output }
    const errors = Object.fromEntries(result.issues.map((issue) => [v.getDotPath(issue) ?? '', issue.message]))
    return { refusal: refuse(c, 400, { errors, 'specific-errors': {} }) }
  }
  const wrote = async (c: Context, answer: object) => {
    writes.push(`${c.req.method} ${c.req.path}`)
    if (options.muteAt?.write === writes.length) {
      options.muteAt.reached()
      await NEVER
    }
    return c.json(answer)
  }
  const byId = <One extends { id: number }>(list: One[], c: Context) =>
    list.find(({ id }) => String(id) === c.req.param('id'))
  const shown = ({ details, ...rest }: DatabaseBody & { id: number }) => ({
    ...rest,
    details: { ...details, password: HIDDEN },
  })

  const app = new Hono()
  app.get('/api/health', (c) => {
    if (starting === 0) return c.json({ status: 'ok' })
    starting -= 1
    return c.json({ status: 'initializing', progress: 0.3 }, 503)
  })
  app.get('/api/session/properties', (c) => {
    const isKnown = c.req.header('x-metabase-session') === SESSION
    return c.json({
      'has-user-setup': state.administrator !== null,
      'setup-token': state.administrator ? null : TOKEN,
      ...(isKnown ? { version: { tag: state.tag, branch: '?', date: '2026-09-24', hash: '0000000' } } : {}),
    })
  })
  app.post('/api/setup', async (c) => {
    const { body, refusal } = await read(c, BODIES.setup)
    if (refusal) return refusal
    if (options.rival) {
      state.administrator = options.rival
      return c.text('The /api/setup route can only be used to create the first user', 403)
    }
    if (state.administrator) return refuse(c, 403, 'The /api/setup route can only be used to create the first user')
    if (body.token !== TOKEN) return refuse(c, 400, { errors: { token: 'Token does not match the setup token.' } })
    // A word of the user's own is repeated here, as some of Metabase's refusals do.
    if (!/\d/.test(body.user.password)) {
      return c.json({ errors: { password: `password is too common: ${body.user.password}` } }, 400)
    }
    state.administrator = { email: body.user.email, password: body.user.password }
    return await wrote(c, { id: SESSION })
  })
  app.post('/api/session', async (c) => {
    const { body, refusal } = await read(c, BODIES.session)
    if (refusal) return refusal
    const { email, password } = state.administrator ?? {}
    if (body.username === email && body.password === password) return c.json({ id: SESSION })
    return c.json({ errors: { password: 'did not match stored password' } }, 401)
  })
  app.use('/api/*', async (c, next) => {
    if (c.req.header('x-metabase-session') !== SESSION) return refuse(c, 401, 'Unauthenticated')
    return await next()
  })

  app.get('/api/database', (c) => c.json({ data: state.databases.map(shown), total: state.databases.length }))
  app.post('/api/database', async (c) => {
    const { body, refusal } = await read(c, BODIES.newDatabase)
    if (refusal) return refusal
    const message = options.refusal?.(body.details) ?? null
    if (message !== null) return c.json({ message, errors: {} }, 400)
    const { is_full_sync: _, is_on_demand: __, ...database } = body
    const made = { ...database, id: nextId() }
    state.databases.push(made)
    return await wrote(c, shown(made))
  })
  app.put('/api/database/:id{[0-9]+}', async (c) => {
    const { body, refusal } = await read(c, BODIES.database)
    if (refusal) return refusal
    const found = byId(state.databases, c)
    if (!found) return refuse(c, 404, 'Not found.')
    const message = options.refusal?.(body.details) ?? null
    if (message !== null) return c.json({ message }, 400)
    Object.assign(found, body)
    return await wrote(c, shown(found))
  })
  app.post('/api/database/:id{[0-9]+}/sync_schema', async (c) => {
    const found = byId(state.databases, c)
    if (!found) return refuse(c, 404, 'Not found.')
    synced.push(found.id)
    return await wrote(c, { status: 'ok' })
  })

  app.get('/api/collection/root/items', (c) => {
    if (c.req.query('models') !== 'collection') return refuse(c, 404, 'models')
    const data = state.collections.map((one) => ({ ...one, model: 'collection' }))
    return c.json({ data, total: data.length, models: ['collection'], limit: null, offset: null })
  })
  app.post('/api/collection', async (c) => {
    const { body, refusal } = await read(c, BODIES.collection)
    if (refusal) return refusal
    const made = { ...body, id: nextId() }
    state.collections.push(made)
    return await wrote(c, made)
  })
  app.get('/api/collection/:id{[0-9]+}/items', (c) => {
    const collection = byId(state.collections, c)
    if (!collection) return refuse(c, 404, 'Not found.')
    const model = c.req.query('models')
    if (model !== 'card' && model !== 'dashboard') return refuse(c, 404, 'models')
    const items: { id: number; name: string; collection_id: number | null }[] =
      model === 'card' ? state.cards : state.dashboards
    const data = items
      .filter(({ collection_id }) => collection_id === collection.id)
      .map(({ id, name }) => ({ id, name, model, collection_id: collection.id, description: null }))
    return c.json({ data, total: data.length, models: [model], limit: null, offset: null })
  })

  app.post('/api/card', async (c) => {
    const { body, refusal } = await read(c, BODIES.newCard)
    if (refusal) return refusal
    if (state.databases.every(({ id }) => id !== body.dataset_query.database)) return refuse(c, 404, 'no such database')
    const made = { ...body, id: nextId() }
    state.cards.push(made)
    return await wrote(c, made)
  })
  app.get('/api/card/:id{[0-9]+}', (c) => {
    const found = byId(state.cards, c)
    if (!found) return refuse(c, 404, 'Not found.')
    const more = { creator_id: 1, archived: false, result_metadata: [], type: 'question', parameters: [] }
    if (c.req.query('legacy-mbql') === 'true') return c.json({ ...found, ...more })
    const { native, database } = found.dataset_query
    const stage = { 'lib/type': 'mbql.stage/native', native: native.query, 'template-tags': native['template-tags'] }
    return c.json({ ...found, ...more, dataset_query: { 'lib/type': 'mbql/query', database, stages: [stage] } })
  })
  app.put('/api/card/:id{[0-9]+}', async (c) => {
    const { body, refusal } = await read(c, BODIES.card)
    if (refusal) return refusal
    const found = byId(state.cards, c)
    if (!found) return refuse(c, 404, 'Not found.')
    Object.assign(found, body)
    return await wrote(c, found)
  })

  app.post('/api/dashboard', async (c) => {
    const { body, refusal } = await read(c, BODIES.newDashboard)
    if (refusal) return refusal
    const made = { ...body, id: nextId(), parameters: [], dashcards: [], tabs: [] }
    state.dashboards.push(made)
    return await wrote(c, made)
  })
  app.get('/api/dashboard/:id{[0-9]+}', (c) => {
    const found = byId(state.dashboards, c)
    if (!found) return refuse(c, 404, 'Not found.')
    const dashcards = found.dashcards.map((dashcard) => ({
      ...dashcard,
      card: state.cards.find(({ id }) => id === dashcard.card_id) ?? null,
      dashboard_id: found.id,
      created_at: '2026-09-24T00:00:00Z',
      entity_id: 'x',
      series: (dashcard.series ?? []).map((one) => ({ ...one, name: 'a series' })),
    }))
    const tabs = found.tabs.map((tab, position) => ({ ...tab, position, dashboard_id: found.id }))
    return c.json({ ...found, dashcards, tabs, can_write: true })
  })
  app.put('/api/dashboard/:id{[0-9]+}', async (c) => {
    const { body, refusal } = await read(c, BODIES.dashboard)
    if (refusal) return refusal
    const found = byId(state.dashboards, c)
    if (!found) return refuse(c, 404, 'Not found.')
    const tabs = body.tabs ?? []
    if (new Set(body.dashcards.map(({ id }) => id)).size < body.dashcards.length) return refuse(c, 400, 'ids repeat')
    if (tabs.length > 0 && body.dashcards.some(({ dashboard_tab_id: tab }) => typeof tab !== 'number')) {
      return refuse(c, 400, 'This dashboard has tab, makes sure every card has a tab')
    }
    const known = new Set([...state.cards.map(({ id }) => id), null, undefined])
    if (body.dashcards.some(({ card_id: id }) => !known.has(id))) return refuse(c, 404, 'no such card')
    // What is not sent is deleted, tabs and cards alike.
    Object.assign(found, {
      parameters: body.parameters,
      tabs: found.tabs.filter(({ id }) => tabs.some((tab) => tab.id === id)),
      dashcards: body.dashcards
        .filter(({ id }) => id < 0 || found.dashcards.some((one) => one.id === id))
        .filter(({ dashboard_tab_id: tab }) => typeof tab !== 'number' || tabs.some(({ id }) => id === tab))
        .map((dashcard) => ({ ...dashcard, id: dashcard.id < 0 ? nextId() : dashcard.id })),
    })
    return await wrote(c, found)
  })
  app.notFound((c) => refuse(c, 404, 'API endpoint does not exist.'))

  const { promise, resolve } = Promise.withResolvers<number>()
  const server = serve({ fetch: app.fetch, port: options.port ?? 0, hostname: '127.0.0.1' }, (info) =>
    resolve(info.port),
  )
  const port = await promise
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    state,
    writes,
    refused,
    synced,
    async stop() {
      if ('closeAllConnections' in server) server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}
