/** Checks the rules for imports, names and sizes. The rules are data, in boundary-rules.ts and shape-rules.ts. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { domains, importBreaches, nodeInWebBreaches } from './boundary-rules.ts'
import { globalBreaches, shapeBreaches } from './shape-rules.ts'
import { readSourceFile, readSourceFiles, root } from './source-files.ts'

const files = readSourceFiles()

describe('the house', () => {
  test('who may import whom', () => expect(importBreaches(files)).toEqual([]))
  test('no Node in the browser', () => expect(nodeInWebBreaches(files)).toEqual([]))
  test('one reader of the environment, one clock', () => expect(globalBreaches(files)).toEqual([]))
  test('names and sizes', () => expect(shapeBreaches(files)).toEqual([]))

  test('every folder of the server is a domain', () => {
    const folders = files
      .map(({ path }) => /^apps\/bff\/src\/([^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined)
    expect([...new Set(folders)].toSorted()).toEqual(domains.toSorted())
  })

  test('at most 24 runtime dependencies in the bff', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'apps/bff/package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const foreign = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@gatehouse/'))
    expect(foreign.slice(24)).toEqual([])
  })
})

/** Each rule must find a planted breach. */
describe('a planted breach is found', () => {
  test.each([
    ['packages/contract/src/x.ts', "import * as z from 'zod'"],
    ['packages/contract/src/x.ts', "import { readFile } from 'node:fs/promises'"],
    ['apps/web/src/x.ts', "import { docs } from '@gatehouse/contract/identity/users.openapi'"],
    ['packages/pki/src/x.ts', "import { users } from '@gatehouse/contract/identity/users'"],
    ['apps/bff/src/platform/base/x.ts', "import { page } from '@gatehouse/contract/paging'"],
    ['apps/bff/src/platform/base/x.ts', "import { open } from '../db/open.ts'"],
    ['apps/bff/src/platform/db/x.ts', "import { list } from '../../access/roles/store.ts'"],
    ['apps/bff/src/platform/http/x.ts', "import { list } from '../../access/roles/service.ts'"],
    ['apps/bff/src/access/roles/service.ts', "import { list } from '../../identity/users/store.ts'"],
    ['apps/bff/src/access/roles/service.ts', "import type { Row } from '../../identity/users/store.ts'"],
    ['apps/bff/src/identity/users/service.ts', "export { kick } from '../../brokers/embedded/connections.ts'"],
    ['apps/bff/src/identity/users/service.ts', "const { start } = await import('../../start.ts')"],
    ['apps/bff/src/identity/users/service.ts', "import { readEnv } from '../../env.ts'"],
    ['apps/bff/src/identity/users/service.ts', "import { Router } from 'express'"],
    ['apps/bff/src/identity/users/service.ts', "import { Aedes } from 'aedes'"],
    ['apps/bff/src/identity/users/service.ts', "import { sql, type Kysely } from 'kysely'"],
    ['apps/bff/src/identity/users/service.ts', "import { makeAuthority } from '@gatehouse/pki/testing/certificates'"],
    ['apps/web/src/users/users.tsx', "import { Roles } from '../roles/roles.tsx'"],
    ['apps/web/src/table/table.tsx', "import { Roles } from '../roles/roles.tsx'"],
    ['apps/web/src/users/users.tsx', "import { join } from 'node:path'"],
    ['e2e/x.ts', "import { start } from '../apps/bff/src/start.ts'"],
    ['e2e/x.ts', "import { judge } from '@gatehouse/pki/judge/chain'"],
  ])('%s: %s', (path, text) => expect(importBreaches([readSourceFile(path, text)])).not.toEqual([]))

  test('through a file of pki', () => {
    const page = readSourceFile(
      'apps/web/src/authorities/preview.tsx',
      "import { judge } from '@gatehouse/pki/judge/chain'",
    )
    const chain = readSourceFile('packages/pki/src/judge/chain.ts', "import { X509Certificate } from 'node:crypto'")
    expect(nodeInWebBreaches([page, chain])).toEqual([
      'apps/web/src/authorities/preview.tsx → packages/pki/src/judge/chain.ts → node:crypto: there is no Node in the browser',
    ])
  })

  test.each([
    ['apps/bff/src/identity/users/service.ts', 'export const level = process.env.LEVEL'],
    ['apps/bff/src/identity/users/service.ts', 'export const { env } = process'],
    ['apps/bff/src/identity/users/service.ts', "import { env } from 'node:process'"],
    ['apps/bff/src/identity/users/service.ts', 'export const now = Date.now()'],
    ['apps/bff/src/identity/users/service.ts', 'export const now = new Date()'],
  ])('%s: %s', (path, text) => expect(globalBreaches([readSourceFile(path, text)])).toHaveLength(1))

  test.each([
    ['apps/bff/src/identity/users/index.ts', ''],
    ['apps/web/src/form/form-helpers.ts', ''],
    ['packages/contract/src/types.ts', ''],
    ['e2e/long.ts', '\n'.repeat(301)],
  ])('%s', (path, text) => expect(shapeBreaches([readSourceFile(path, text)])).toHaveLength(1))
})

test('what is allowed is not found', () => {
  const allowed = [
    readSourceFile(
      'apps/bff/src/identity/users/service.ts',
      "import type { Transaction } from 'kysely'\nimport { record } from '../../platform/audit/store.ts'",
    ),
    readSourceFile(
      'apps/bff/src/identity/users/routes.ts',
      "import { Router } from 'express'\nimport { users } from '@gatehouse/contract/identity/users'",
    ),
    readSourceFile(
      'apps/web/src/users/users.tsx',
      "import { Table } from '../table/table.tsx'\nexport const at = new Date(0)",
    ),
    readSourceFile('packages/pki/src/read/common-name.ts', 'process.exit(1)'),
  ]
  expect([...importBreaches(allowed), ...globalBreaches(allowed), ...shapeBreaches(allowed)]).toEqual([])
})
