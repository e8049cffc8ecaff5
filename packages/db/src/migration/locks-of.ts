/** PostgreSQL's lock modes that keep writers waiting or are kept waiting by them, weakest first. */
export const LOCK_MODES = [
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type LockMode = (typeof LOCK_MODES)[number]

/** `scan`: every row is read; `rewrite`: every row is written anew, or an index of all is built; `rows`: those it is about. */
export type Work = 'at once' | 'scan' | 'rewrite' | 'rows'

/** What a statement does to a table that was there before. */
export interface TableLock {
  /** Without quotes; of the schema `public` by its bare name. */
  table: string
  mode: LockMode
  work: Work
}

export interface StatementLocks {
  locks: readonly TableLock[]
  /** Tables it makes. */
  creates: readonly string[]
}

const NOTHING: StatementLocks = { locks: [], creates: [] }

/** Never touch a table's rows, nor keep anybody from them. */
const HARMLESS =
  /^(COMMENT|GRANT|REVOKE|CREATE (SCHEMA|TYPE|ROLE|SEQUENCE|VIEW|(OR REPLACE )?FUNCTION)|DO|ALTER (ROLE|DEFAULT PRIVILEGES)|ALTER (VIEW|FUNCTION))\b/i
const NAME = String.raw`(?:"?public"?\.)?((?:"[^"]+"|\w+)(?:\.(?:"[^"]+"|\w+))?)`
const CREATE_TABLE = new RegExp(`^CREATE TABLE (?:IF NOT EXISTS )?${NAME}`, 'i')
const CREATE_INDEX = new RegExp(String.raw`^CREATE (?:UNIQUE )?INDEX (?:IF NOT EXISTS )?\S+ ON (?:ONLY )?${NAME}`, 'i')
const CREATE_TRIGGER = new RegExp(`^CREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER .*? ON ${NAME}`, 'is')
const DROP = new RegExp(`^DROP (?:TABLE|VIEW|MATERIALIZED VIEW) (?:IF EXISTS )?${NAME}`, 'i')
const CREATE_VIEW = new RegExp(`^CREATE VIEW ${NAME}`, 'i')
const REPLACED_VIEW = new RegExp(`^CREATE OR REPLACE VIEW ${NAME}`, 'i')
const ALTER = new RegExp(String.raw`^ALTER TABLE (?:IF EXISTS )?(?:ONLY )?${NAME}\s+(.*)$`, 'is')
const WRITE = new RegExp(`^(?:INSERT INTO|UPDATE(?: ONLY)?|DELETE FROM(?: ONLY)?) ${NAME}`, 'i')
const REFERENCES = new RegExp(String.raw`\bFOREIGN KEY\b.*\bREFERENCES ${NAME}`, 'is')

/**
 * What a statement of a migration locks, read from its text: the database is not asked, so that a check costs it nothing. Null
 * for a statement whose kind is not known here; a test holds the answers against PostgreSQL's own for every migration.
 */
export function locksOf(statement: string): StatementLocks | null {
  const text = withoutComments(statement)
  const view = bare(CREATE_VIEW.exec(text)?.[1])
  // Those of other schemas are for analysts: nobody of ours waits for one.
  if (view !== '' && !view.includes('.')) return { locks: [], creates: [view] }
  if (text === '' || HARMLESS.test(text)) return NOTHING
  const created = CREATE_TABLE.exec(text)
  if (created) return { locks: [], creates: [bare(created[1])] }
  const altered = ALTER.exec(text)
  if (altered) return alterLocks(bare(altered[1]), altered[2] ?? '')
  const [table, mode, work] = simpleLock(text)
  return table === null ? null : { locks: [{ table: bare(table), mode, work }], creates: [] }
}

function simpleLock(text: string): [table: string | null, mode: LockMode, work: Work] {
  const index = CREATE_INDEX.exec(text)
  if (index) return [index[1] ?? null, 'SHARE', 'rewrite']
  const trigger = CREATE_TRIGGER.exec(text)
  if (trigger) return [trigger[1] ?? null, 'SHARE ROW EXCLUSIVE', 'at once']
  const dropped = DROP.exec(text) ?? REPLACED_VIEW.exec(text)
  if (dropped) return [dropped[1] ?? null, 'ACCESS EXCLUSIVE', 'at once']
  return [WRITE.exec(text)?.[1] ?? null, 'ROW EXCLUSIVE', 'rows']
}

/** https://www.postgresql.org/docs/current/sql-altertable.html says for each form which lock it takes, and what it reads. */
function alterLocks(table: string, action: string): StatementLocks {
  const referenced = REFERENCES.exec(action)
  if (referenced) {
    const mode = 'SHARE ROW EXCLUSIVE'
    const other = { table: bare(referenced[1]), mode, work: 'at once' } as const
    return { locks: [{ table, mode, work: 'scan' }, other], creates: [] }
  }
  const mode = /^(SET \(|RESET \(|VALIDATE CONSTRAINT|ALTER COLUMN \S+ SET (STATISTICS|\())/i.test(action)
    ? 'SHARE UPDATE EXCLUSIVE'
    : 'ACCESS EXCLUSIVE'
  return { locks: [{ table, mode, work: alterWork(action) }], creates: [] }
}

function alterWork(action: string): Work {
  if (/^ADD COLUMN .*(GENERATED|\b(random|gen_random_uuid|clock_timestamp|nextval)\()/i.test(action)) return 'rewrite'
  if (/(SET DATA )?TYPE |ADD (CONSTRAINT \S+ )?(PRIMARY KEY|UNIQUE)/i.test(action)) return 'rewrite'
  if (/ADD CONSTRAINT .*CHECK(?!.*NOT VALID)|SET NOT NULL|VALIDATE CONSTRAINT/is.test(action)) return 'scan'
  return 'at once'
}

function withoutComments(statement: string): string {
  return statement.replace(/^\s*--.*$/gm, '').trim()
}

function bare(name = ''): string {
  return name.replaceAll('"', '')
}
