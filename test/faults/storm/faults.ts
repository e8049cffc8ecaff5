import { execFile } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Random } from '../../bench/load/seeded-random.ts'
import type { RoleProcess } from '../../support/start-role.ts'
import type { Crew } from './crew.ts'

/** Something that goes wrong for a while, and is over when it resolves. */
type Fault = (crew: Crew, random: Random) => Promise<void>

/** How long what lasts does: longer than a flush may take, shorter than a claim. */
const LASTING_MS = 2_500
const LATENCY_MS = 40
/** A few events, and no more: less than half a second of the load. */
const FULL_AT_BYTES = 16 * 1024
/** Of all statements that write what the gateways and the workers commit. */
const REFUSED_SHARE = 0.3

/** What a machine room has to offer. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'a gateway is killed': ({ replace, running }, random) => replace(one(running.gateway, random), 'SIGKILL'),
  'a worker is killed': ({ replace, running }, random) => replace(one(running.worker, random), 'SIGKILL'),
  'a gateway is restarted': ({ replace, running }, random) => replace(one(running.gateway, random), 'SIGTERM'),
  'a worker is restarted': ({ replace, running }, random) => replace(one(running.worker, random), 'SIGTERM'),
  'a worker stands still': ({ running }, random) => standStill(one(running.worker, random)),
  'a gateway stands still': ({ running }, random) => standStill(one(running.gateway, random)),
  'PostgreSQL crashes': ({ crashDatabase }) => crashDatabase(),
  'connections are cut': async ({ wire }) => wire.cut(),
  'the network is slow': ({ wire }) => lasting(wire, () => wire.slow(LATENCY_MS)),
  'the network is silent': ({ wire }) => lasting(wire, () => wire.silence()),
  'the disk of a spool is full': fillDisk,
  'somebody locks rows crosswise': lockCrosswise,
  'transactions cannot be serialised': refuseToSerialise,
  'a clock leaps': async ({ clock, running }, random) =>
    clock.leap(one([...running.gateway, ...running.worker], random)),
}

function one(processes: readonly RoleProcess[], random: Random): RoleProcess {
  const chosen = processes[random(processes.length)]
  if (chosen === undefined) throw new Error('nobody is running')
  return chosen
}

async function standStill(process: RoleProcess): Promise<void> {
  process.signal('SIGSTOP')
  await delay(LASTING_MS)
  process.signal('SIGCONT')
}

async function lasting(wire: Crew['wire'], begin: () => void): Promise<void> {
  begin()
  await delay(LASTING_MS)
  wire.mend()
}

/** In the order nobody in Rumen takes them in: who waits for whom ends in deadlocks, of which the server ends one side. */
async function lockCrosswise({ database: { sql } }: Crew): Promise<void> {
  const until = performance.now() + LASTING_MS
  while (performance.now() < until) {
    const locking = sql.begin(async (tx) => {
      for (const table of ['grouping', 'issue', 'project_counter']) {
        const key = table === 'project_counter' ? 'project_id' : 'id'
        await tx`SELECT FROM ${tx(table)} ORDER BY ${tx(key)} DESC FOR UPDATE`
      }
    })
    await locking.catch((error: unknown) => {
      // The victim may be this one.
      if (!(error instanceof Error && 'code' in error && error.code === '40P01')) throw error
    })
  }
}

/** The database is silent, and of one gateway no file can grow any more: what it cannot keep it must refuse. */
async function fillDisk({ wire, running }: Crew, random: Random): Promise<void> {
  const { pid } = one(running.gateway, random)
  const bound = (bytes: string) => promisify(execFile)('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`])
  await bound(`${FULL_AT_BYTES}`)
  try {
    await lasting(wire, () => wire.silence())
  } finally {
    await bound('unlimited')
  }
}

/** As a server says it whose transactions are isolated from each other by more than Rumen asks for. */
async function refuseToSerialise({ database: { sql } }: Crew): Promise<void> {
  await sql.unsafe(`
    CREATE OR REPLACE FUNCTION refuse_to_serialise() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF random() < ${REFUSED_SHARE} THEN RAISE serialization_failure; END IF;
      RETURN NULL;
    END $$`)
  for (const table of ['archive', 'seen']) {
    await sql.unsafe(`CREATE TRIGGER refuse AFTER INSERT ON ${table} EXECUTE FUNCTION refuse_to_serialise()`)
  }
  try {
    await delay(LASTING_MS)
  } finally {
    for (const table of ['archive', 'seen']) await sql.unsafe(`DROP TRIGGER refuse ON ${table}`)
  }
}
