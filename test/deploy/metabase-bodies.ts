import * as v from 'valibot'

// What Metabase takes in the body of each request the provisioning sends, from the schemas in its source (`defendpoint` in
// src/metabase/*_rest/, at the release the provisioning is written for and later ones). They are closed: one key more is refused.

const text = v.pipe(v.string(), v.nonEmpty())
const id = v.pipe(v.number(), v.integer(), v.minValue(1))
const cell = v.pipe(v.number(), v.integer(), v.minValue(0))
const settings = v.record(v.string(), v.unknown())

const templateTag = v.variant('type', [
  v.strictObject({
    type: v.picklist(['text', 'number']),
    id: text,
    name: text,
    'display-name': text,
    required: v.optional(v.boolean()),
    default: v.optional(v.string()),
  }),
])

const nativeQuery = v.strictObject({
  database: id,
  type: v.literal('native'),
  native: v.strictObject({ query: text, 'template-tags': v.record(text, templateTag) }),
})

const parameter = v.looseObject({
  id: text,
  type: v.picklist(['string/=', 'number/=', 'date/all-options']),
  name: text,
  slug: text,
  sectionId: v.optional(text),
  values_query_type: v.optional(v.picklist(['list', 'search', 'none'])),
  values_source_type: v.optional(v.picklist(['card', 'static-list'])),
  values_source_config: v.optional(
    v.union([
      v.strictObject({ values: v.array(v.string()) }),
      v.strictObject({ card_id: id, value_field: v.tuple([v.literal('field'), text, v.record(v.string(), text)]) }),
    ]),
  ),
})

const mapping = v.strictObject({
  parameter_id: text,
  card_id: v.optional(id),
  target: v.tuple([v.picklist(['variable', 'dimension']), v.tuple([v.literal('template-tag'), text])]),
})

const dashcard = v.strictObject({
  id: v.pipe(v.number(), v.integer()),
  card_id: v.optional(v.nullable(id)),
  action_id: v.optional(v.nullable(id)),
  dashboard_tab_id: v.optional(v.nullable(v.pipe(v.number(), v.integer()))),
  row: cell,
  col: v.pipe(cell, v.maxValue(23)),
  size_x: v.pipe(id, v.maxValue(24)),
  size_y: id,
  parameter_mappings: v.optional(v.nullable(v.array(mapping))),
  visualization_settings: v.optional(v.nullable(settings)),
  inline_parameters: v.optional(v.nullable(v.array(text))),
  series: v.optional(v.nullable(v.array(v.strictObject({ id })))),
})

const database = {
  name: text,
  engine: v.literal('postgres'),
  details: v.strictObject({
    host: text,
    port: id,
    dbname: text,
    user: text,
    password: text,
    ssl: v.boolean(),
    'schema-filters-type': v.picklist(['inclusion', 'exclusion', 'all']),
    'schema-filters-patterns': text,
    'tunnel-enabled': v.boolean(),
    'let-user-control-scheduling': v.boolean(),
  }),
}

const card = {
  name: text,
  description: v.nullable(text),
  display: text,
  visualization_settings: settings,
  dataset_query: nativeQuery,
}

export const BODIES = {
  setup: v.object({
    token: text,
    user: v.strictObject({
      email: v.pipe(v.string(), v.email()),
      password: text,
      first_name: v.optional(text),
      last_name: v.optional(text),
    }),
    prefs: v.strictObject({ site_name: text, allow_tracking: v.optional(v.boolean()) }),
  }),
  session: v.object({ username: text, password: text }),
  newDatabase: v.strictObject({ ...database, is_full_sync: v.boolean(), is_on_demand: v.boolean() }),
  database: v.strictObject(database),
  empty: v.strictObject({}),
  collection: v.strictObject({ name: text, description: v.nullable(text) }),
  newCard: v.strictObject({ ...card, collection_id: v.nullable(id) }),
  card: v.strictObject(card),
  newDashboard: v.strictObject({ name: text, description: v.nullable(v.string()), collection_id: v.nullable(id) }),
  dashboard: v.strictObject({
    parameters: v.array(parameter),
    dashcards: v.array(dashcard),
    tabs: v.optional(v.array(v.strictObject({ id: v.pipe(v.number(), v.integer()), name: text }))),
  }),
}

export type CardBody = v.InferOutput<typeof BODIES.newCard>
export type DatabaseBody = v.InferOutput<typeof BODIES.database>
export type DashboardBody = v.InferOutput<typeof BODIES.dashboard>
