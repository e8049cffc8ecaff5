import { parentPort, workerData } from 'node:worker_threads'

// A thread that says when a request is due. Timers of the event loop come a millisecond late or more, which would be
// most of the latency to be measured; spinning would take a core from the server. This sleeps to a fraction of one.
const { ratePerSec, count }: { ratePerSec: number; count: number } = workerData

const never = new Int32Array(new SharedArrayBuffer(4))
const startedAt = performance.now()
for (let n = 0; n < count; n++) {
  const ms = startedAt + (n * 1000) / ratePerSec - performance.now()
  if (ms > 0) Atomics.wait(never, 0, 0, ms)
  parentPort?.postMessage(null)
}
