import type { Frame } from '@rumen/protocol/event'
import { expect, test } from 'vitest'
import { sampleFrame } from '../../sample-event.ts'
import type { Family } from '../family.ts'
import { isRuntime } from './runtime.ts'

test.each<[Family, Partial<Frame>]>([
  ['javascript', { filename: 'node:internal/process/task_queues' }],
  ['javascript', { function: 'Array.map', filename: '<anonymous>' }],
  ['javascript', { filename: '[native code]' }],
  ['javascript', {}],
  ['python', { absPath: '/usr/lib/python3.12/json/decoder.py' }],
  ['python', { filename: '<frozen importlib._bootstrap>' }],
  ['python', {}],
  ['ruby', { filename: '/usr/lib/ruby/3.3.0/json.rb' }],
  ['ruby', { filename: '<internal:kernel>' }],
  ['jvm', { module: 'java.util.HashMap' }],
  ['jvm', { module: 'kotlin.collections.CollectionsKt' }],
  ['dotnet', { module: 'System.Linq.Enumerable' }],
  ['dotnet', { function: 'System.Linq.Enumerable.First' }],
  ['go', { module: 'encoding/json' }],
  ['dart', { filename: 'dart:core/list.dart' }],
  ['elixir', { module: 'Enum' }],
  ['elixir', { module: 'lists' }],
  ['native', { function: 'memcpy' }],
  ['php', { filename: '[internal]' }],
  ['php', {}],
])('%s: %j is the language’s own', (family, fields) => {
  expect(isRuntime(sampleFrame(fields), family)).toBe(true)
})

test.each<[Family, Partial<Frame>]>([
  ['javascript', { filename: '/srv/node_modules/express/index.js' }],
  ['python', { absPath: '/venv/lib/python3.12/site-packages/django/x.py' }],
  ['ruby', { filename: '/usr/lib/ruby/gems/3.3.0/gems/rack/x.rb' }],
  ['jvm', { module: 'org.springframework.web.Filter' }],
  ['jvm', {}],
  ['dotnet', { module: 'Microsoft.AspNetCore.Routing.X' }],
  ['go', { module: 'github.com/gin-gonic/gin' }],
  ['dart', { filename: 'package:flutter/x.dart' }],
  ['elixir', { module: 'Phoenix.Router' }],
  ['php', { filename: '/vendor/laravel/x.php' }],
])('%s: %j is a library, or the application', (family, fields) => {
  expect(isRuntime(sampleFrame(fields), family)).toBe(false)
})
