import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeEnvelope, makeEvent, postEnvelope } from '../support/post-event.ts'
import { type Stack, startStack } from '../support/start-stack.ts'
import { waitFor } from '../support/wait-for.ts'
import { balanced, readBooks } from './books.ts'
import { postMany } from './post-many.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(() => stack.stop())

/** The database blames what stands in the row, as for a value it cannot take. */
async function refuseReportOf(eventId: string): Promise<void> {
  await stack.sql.unsafe(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF NEW.event_id = '${eventId}' THEN RAISE EXCEPTION 'no' USING ERRCODE = 'invalid_parameter_value'; END IF;
        RETURN NEW;
      END
    $$;
    CREATE TRIGGER refuse BEFORE INSERT ON report FOR EACH ROW EXECUTE FUNCTION refuse()`)
}

test('an event the database refuses, and an archive that is gone, cost nobody else anything and end in the ledger', async () => {
  const [worker] = stack.workers
  worker?.signal('SIGSTOP')
  const [bad, gone] = [makeEvent(), makeEvent()]
  await refuseReportOf(bad.event_id)
  for (const event of [bad, gone]) {
    expect((await postEnvelope(stack.gatewayUrl, stack.project, makeEnvelope(event))).status).toBe(200)
  }
  await stack.sql`DELETE FROM archive WHERE event_id = ${gone.event_id}`
  await postMany(stack, 30)
  worker?.signal('SIGCONT')

  await waitFor('the others', async () => (await readBooks(stack.sql)).reports === 30, 5_000)
  // The bad one is tried three times by itself, after a pause each, in case the fault is ours and passes.
  await waitFor('an empty queue', async () => (await readBooks(stack.sql)).jobs === 0, 30_000)
  expect(await readBooks(stack.sql)).toEqual({ ...balanced(30), archives: 31 })
  const rejected = await stack.sql`
    SELECT reason, sum(quantity)::int AS quantity FROM analytics.outcomes
    WHERE item_type <> 'request' AND outcome = 'rejected' GROUP BY reason ORDER BY reason`
  expect(rejected).toEqual([
    { reason: 'archive_missing', quantity: 1 },
    { reason: 'digest_failed', quantity: 1 },
  ])
  const errors = await stack.sql`SELECT code, encode(archive_hash, 'hex') AS hash FROM digest_error ORDER BY code`
  const [archive] = await stack.sql`SELECT encode(hash, 'hex') AS hash FROM archive WHERE event_id = ${bad.event_id}`
  expect(errors).toHaveLength(2)
  expect(errors[1]).toEqual({ code: 'digest_failed', hash: archive?.hash })
}, 60_000)
