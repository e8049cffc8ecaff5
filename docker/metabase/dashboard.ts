import { PROJECTS, QUESTIONS } from './questions.ts'
import { type Tag, tagsOf } from './template-tags.ts'

export const DASHBOARD = {
  name: 'Rumen',
  description: 'What breaks, how often and for whom, and whether everything that was sent has come through.',
}

/** One of our questions on the dashboard, in units of a grid that is 24 wide. */
export interface Spot {
  card_id: number
  row: number
  col: number
  size_x: number
  size_y: number
  parameter_mappings: readonly { parameter_id: string; card_id: number; target: unknown }[]
}

interface Row {
  height: number
  /** Name and width of each question. */
  cells: readonly (readonly [string, number])[]
}

const ROWS: readonly Row[] = [
  {
    height: 3,
    cells: [
      ['Events', 6],
      ['Unresolved issues', 6],
      ['Crash-free sessions', 6],
      ['Refused or rejected', 6],
    ],
  },
  {
    height: 7,
    cells: [
      ['Events by day', 16],
      ['New issues a day', 8],
    ],
  },
  { height: 9, cells: [['Top issues', 24]] },
  {
    height: 7,
    cells: [
      ['Error rate', 12],
      ['Crash-free sessions by release', 12],
    ],
  },
  {
    height: 7,
    cells: [
      ['Events by platform and release', 16],
      ['Time to resolve', 8],
    ],
  },
  {
    height: 7,
    cells: [
      ['Ingest by outcome', 12],
      ['Items by outcome', 12],
    ],
  },
  {
    height: 7,
    cells: [
      ['Refused by cause', 12],
      ['Rejected by cause', 12],
    ],
  },
  {
    height: 7,
    cells: [
      ['Disk by day', 12],
      ['Seconds until visible', 12],
    ],
  },
  { height: 7, cells: [['Latest failures', 24]] },
]

const FILTER_IDS: Record<Tag, string> = { project: 'rumenprj', days: 'rumenday' }

/** The filters: projects as the question of that name lists them, and how many days back. */
export function parametersOf(questions: ReadonlyMap<string, number>): readonly { id: string }[] {
  const project = {
    id: FILTER_IDS.project,
    name: 'Project',
    slug: 'project',
    type: 'string/=',
    sectionId: 'string',
    values_query_type: 'list',
    values_source_type: 'card',
    values_source_config: {
      card_id: idOf(questions, PROJECTS),
      value_field: ['field', 'project', { 'base-type': 'type/Text' }],
    },
  }
  const days = {
    id: FILTER_IDS.days,
    name: 'Days',
    slug: 'days',
    type: 'number/=',
    sectionId: 'number',
    default: [14],
    values_query_type: 'list',
    values_source_type: 'static-list',
    values_source_config: { values: ['1', '7', '14', '30', '90', '365'] },
  }
  return [project, days]
}

/** Where each question goes on a dashboard that has nothing else on it. */
export function spotsOf(questions: ReadonlyMap<string, number>): Spot[] {
  let top = 0
  return ROWS.flatMap(({ height, cells }) => {
    const row = top
    top += height
    let left = 0
    return cells.map(([name, width]) => {
      const col = left
      left += width
      const card_id = idOf(questions, name)
      return { card_id, row, col, size_x: width, size_y: height, parameter_mappings: mappingsOf(name, card_id) }
    })
  })
}

function mappingsOf(name: string, card_id: number): Spot['parameter_mappings'] {
  const query = QUESTIONS.find((question) => question.name === name)?.query ?? ''
  return tagsOf(query).map((tag) => ({
    parameter_id: FILTER_IDS[tag],
    card_id,
    target: ['variable', ['template-tag', tag]],
  }))
}

function idOf(questions: ReadonlyMap<string, number>, name: string): number {
  const id = questions.get(name)
  if (id === undefined) throw new Error(`there is no question ${name}`)
  return id
}
