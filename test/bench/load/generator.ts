import { generate, type LoadPlan } from './generate.ts'

// The process of its own that run-load.ts starts: one plan in, one result out.
process.once('message', (plan: LoadPlan) => {
  generate(plan).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : error}\n`)
      process.exit(1)
    },
  )
})
