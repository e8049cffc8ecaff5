import { defineConfig } from 'drizzle-kit'

export default defineConfig({
  dialect: 'postgresql',
  schema: './packages/db/src/tables/!(*.test).ts',
  out: './drizzle',
})
