/** One question: what it shows, and how. */
export interface Question {
  /** By it the question is found again: another name is another question. */
  name: string
  description: string
  display: 'area' | 'bar' | 'line' | 'row' | 'scalar' | 'table'
  /** Metabase's own names. */
  settings: object
  /** SQL; `{{days}}` and `[[ … {{project}} ]]` are variables, the part in brackets goes when there is no value. */
  query: string
}
