/** Variables of the questions' SQL, as Metabase wants them declared; the ids are ours and stay. */
export const TEMPLATE_TAGS = {
  project: {
    id: '3f0c1e52-7a1d-4a53-9d0e-5f6a8c2b1e01',
    name: 'project',
    'display-name': 'Project',
    type: 'text',
    required: false,
  },
  days: {
    id: '3f0c1e52-7a1d-4a53-9d0e-5f6a8c2b1e02',
    name: 'days',
    'display-name': 'Days',
    type: 'number',
    required: true,
    default: '14',
  },
} as const

export type Tag = keyof typeof TEMPLATE_TAGS

const TAGS: readonly Tag[] = ['project', 'days']

/** Those a query uses. */
export function tagsOf(query: string): Tag[] {
  return TAGS.filter((tag) => query.includes(`{{${tag}}}`))
}
