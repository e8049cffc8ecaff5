import type { Db, Tx } from '@rumen/db/connect'
import type { BegunRumination } from '@rumen/db/rumination/begin-rumination'
import { finishRumination, noteProgress } from '@rumen/db/rumination/note-progress'
import type { ProjectId } from '@rumen/protocol/brand'
import { addSummaries, NOTHING_REGROUPED, type RegroupSummary } from './result.ts'
import type { Place } from './rewrite-project.ts'
import { addTallies, emptyTally, type Tally } from './tally.ts'

/** How far a run has come. What it did so far is told at its end, whoever brings it there. */
export interface RunProgress {
  /** Of this text; another version of Rumen may write another one. */
  format: typeof FORMAT
  /** Those of the scope with smaller numbers are done; null: it has not begun with any. */
  projectId: ProjectId | null
  /** Of the rules that project is grouped by. */
  version: number
  step: 'rewriting' | 'regrouping'
  /** Null: at the beginning of the step. */
  place: Place | null
  tally: Tally
  summary: RegroupSummary
}

const FORMAT = 1
/** Between two notes of a run that changes nothing. */
const PAUSE_MS = 1_000

/** Where the progress of a run is kept: in its row, or, of one that must not change anything, nowhere. */
export interface RunLog {
  current(): RunProgress
  /** Notes what will be so once the transaction commits. */
  commit(tx: Tx, change: ProgressChange): Promise<void>
  /** What is so; noted at once, or with one of the next ones. */
  step(change: ProgressChange): Promise<void>
  /** What is so, noted at once. */
  note(change: ProgressChange): Promise<void>
  finish(): Promise<void>
}

/** What a step changes: numbers are added, everything else takes the place of what was. */
export type ProgressChange = Partial<Omit<RunProgress, 'format'>>

export function isOfThisVersion(progress: RunProgress): boolean {
  return progress.format === FORMAT
}

export function createRunLog(db: Db, begun: BegunRumination<RunProgress> | null): RunLog {
  let progress = begun?.progress ?? NOTHING
  let notedAt = 0
  const write = async (to: Db | Tx, what: RunProgress) => {
    if (begun !== null) await noteProgress(to, begun.id, what)
  }
  const note = async (change: ProgressChange) => {
    progress = changed(progress, change)
    notedAt = Date.now()
    await write(db, progress)
  }
  return {
    current: () => progress,
    commit: (tx, change) => write(tx, changed(progress, change)),
    async step(change) {
      if (Date.now() - notedAt >= PAUSE_MS) return await note(change)
      progress = changed(progress, change)
    },
    note,
    async finish() {
      if (begun !== null) await finishRumination(db, begun.id, progress)
    },
  }
}

const NOTHING: RunProgress = {
  ...{ format: FORMAT, projectId: null, version: 0, step: 'rewriting', place: null },
  ...{ tally: emptyTally(), summary: NOTHING_REGROUPED },
}

function changed(progress: RunProgress, { tally, summary, ...rest }: ProgressChange): RunProgress {
  return {
    ...progress,
    ...rest,
    tally: tally === undefined ? progress.tally : addTallies(progress.tally, tally),
    summary: summary === undefined ? progress.summary : addSummaries(progress.summary, summary),
  }
}
