/** Checks the rules for imports, names and sizes. The rules are data, in boundary-rules.ts and shape-rules.ts. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { domains, importBreaches, kyselyInBrokerThreadBreaches, nodeInWebBreaches, webOrder } from './boundary-rules.ts'
import { globalBreaches, shapeBreaches } from './shape-rules.ts'
import { readSourceFile, readSourceFiles, root } from './source-files.ts'
import { ownershipBreaches, unusedReads } from './table-owners.ts'

const files = readSourceFiles()

/** A style sheet without its comments. */
function readRules(path: string): string {
  return readFileSync(join(root, path), 'utf8').replaceAll(/\/\*.*?\*\//gs, '')
}

describe('the source tree', () => {
  test('imports only what the rules allow', () => expect(importBreaches(files)).toEqual([]))
  test('loads no Kysely in the broker thread', () => expect(kyselyInBrokerThreadBreaches(files)).toEqual([]))
  test('has no Node module in the browser', () => expect(nodeInWebBreaches(files)).toEqual([]))
  test('reads the environment and the time in one file each', () => expect(globalBreaches(files)).toEqual([]))
  test('has files with allowed names and sizes', () => expect(shapeBreaches(files)).toEqual([]))
  test('accesses each table from the feature that owns it', () => expect(ownershipBreaches(files)).toEqual([]))
  test('needs every read on the list of allowed reads', () => expect(unusedReads(files)).toEqual([]))

  test('mentions functions for tests only in the files of the server that export them', () => {
    const server = files.filter(({ path }) => path.startsWith('apps/bff/src/') && !path.endsWith('.test.ts'))
    const found = server.filter(({ path }) => /\w+ForTests\b/.test(readFileSync(join(root, path), 'utf8')))
    expect(found.map(({ path }) => path)).toEqual([
      'apps/bff/src/brokers/embedded/supervisor.ts',
      'apps/bff/src/identity/passwords/hashing.ts',
    ])
  })

  test('has no style sheet that makes the browser compute all styles again after each change of the document', () => {
    const styles = globSync('apps/web/src/**/*.css', { cwd: root })
    expect(styles.filter((path) => /:root\S*:has\(/.test(readRules(path)))).toEqual([])
  })

  test('has only web folders that have a place in the order', () => {
    const folders = files
      .map(({ path }) => /^apps\/web\/src\/([^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined && name !== 'api-reference')
    expect(new Set(folders)).toEqual(new Set(webOrder.filter((name) => name !== 'links.ts')))
  })

  test('has only server folders that are domains', () => {
    const folders = files
      .map(({ path }) => /^apps\/bff\/src\/([^/]+)\//.exec(path)?.[1])
      .filter((name) => name !== undefined)
    expect([...new Set(folders)].toSorted()).toEqual(domains.toSorted())
  })

  test('has at most 24 runtime dependencies in the bff', () => {
    const manifest = JSON.parse(readFileSync(join(root, 'apps/bff/package.json'), 'utf8')) as {
      dependencies: Record<string, string>
    }
    const foreign = Object.keys(manifest.dependencies).filter((name) => !name.startsWith('@gatehouse/'))
    expect(foreign.slice(24)).toEqual([])
  })
})

/** Each rule must find a planted breach. */
describe('the rules find a planted breach', () => {
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
    ['apps/bff/src/identity/users/service.ts', "import { Engine } from '@gatehouse/mqtt/engine'"],
    ['apps/bff/src/brokers/embedded/broker.ts', "import { generate } from 'mqtt-packet'"],
    ['apps/bff/src/access/decision/connect.ts', "import { createHash } from 'node:crypto'"],
    ['apps/bff/src/access/decision/connect.ts', "import type { Client } from '@gatehouse/mqtt/policy'"],
    ['apps/bff/src/access/decision/connect.ts', "import { newId } from '../../platform/base/id.ts'"],
    ['apps/bff/src/identity/users/service.ts', "import { sql, type Kysely } from 'kysely'"],
    ['apps/bff/src/identity/users/service.ts', "import { makeAuthority } from '@gatehouse/pki/testing/certificates'"],
    ['apps/web/src/access/roles/role-fields.tsx', "import { UserCells } from '../../identity/users/user-cells.tsx'"],
    ['apps/web/src/ui/table.tsx', "import { RolesField } from '../access/roles/roles-field.tsx'"],
    ['apps/web/src/ui/table.tsx', "import { roles } from '@gatehouse/contract/access/roles'"],
    ['apps/web/src/api/queries.ts', "import { RolesField } from '../access/roles/roles-field.tsx'"],
    ['apps/web/src/api/proof.ts', "import { ProofDialog } from '../ui/proof-dialog.tsx'"],
    ['apps/web/src/ui/confirm-dialog.tsx', "import { RolesField } from '../access/roles/roles-field.tsx'"],
    ['apps/web/src/ui/empty-state.tsx', "import { toUser } from '../links.ts'"],
    ['apps/web/src/links.ts', "import { UsersSearch } from './identity/users/search.ts'"],
    ['apps/web/src/account/tokens-page.tsx', "import { Brand } from '../app/console.tsx'"],
    ['apps/web/src/account/tokens-page.tsx', "import { UsersPage } from '../identity/users/users-page.tsx'"],
    ['apps/web/src/app/navigation.tsx', "import { UsersPage } from '../identity/users/users-page.tsx'"],
    ['apps/web/src/identity/users/users.tsx', "import { join } from 'node:path'"],
    ['e2e/x.ts', "import { start } from '../apps/bff/src/start.ts'"],
    ['e2e/x.ts', "import { judge } from '@gatehouse/pki/judge/chain'"],
  ])('%s: %s', (path, text) => expect(importBreaches([readSourceFile(path, text)])).not.toEqual([]))

  test('of Node in the browser through a file of pki', () => {
    const page = readSourceFile(
      'apps/web/src/certificates/authorities/preview.tsx',
      "import { judge } from '@gatehouse/pki/judge/chain'",
    )
    const chain = readSourceFile('packages/pki/src/judge/chain.ts', "import { X509Certificate } from 'node:crypto'")
    expect(nodeInWebBreaches([page, chain])).toEqual([
      'apps/web/src/certificates/authorities/preview.tsx → packages/pki/src/judge/chain.ts → node:crypto: there is no Node in the browser',
    ])
  })

  test('finds Kysely in the broker thread through another file', () => {
    const worker = readSourceFile('apps/bff/src/brokers/embedded/worker.ts', "import { openStore } from './store.ts'")
    const store = readSourceFile('apps/bff/src/brokers/embedded/store.ts', "import { sql } from 'kysely'")
    expect(kyselyInBrokerThreadBreaches([worker, store])).toHaveLength(1)
  })

  test.each([
    ['apps/bff/src/identity/users/service.ts', 'export const level = process.env.LEVEL'],
    ['apps/bff/src/identity/users/service.ts', 'export const { env } = process'],
    ['apps/bff/src/identity/users/service.ts', "import { env } from 'node:process'"],
    ['apps/bff/src/identity/users/service.ts', 'export const now = Date.now()'],
    ['apps/bff/src/identity/users/service.ts', 'export const now = new Date()'],
  ])('%s: %s', (path, text) => expect(globalBreaches([readSourceFile(path, text)])).toHaveLength(1))

  test.each([
    ['certificates/crls/store.ts', "db.selectFrom('users')"],
    ['certificates/crls/store.ts', "db.selectFrom(['revocation_lists', 'users as u'])"],
    ['certificates/crls/store.ts', "db.selectFrom('revocation_lists').leftJoin('users as u', 'u.id', 'uploaded_by')"],
    ['certificates/crls/store.ts', "query.where((e) => e.exists(e.selectFrom('user_roles')))"],
    ['certificates/crls/store.ts', "trx.insertInto('users').values(row)"],
    ['certificates/crls/store.ts', "trx.updateTable('users').set(row)"],
    ['certificates/crls/store.ts', "trx.deleteFrom('users').using('revocation_lists')"],
    ['certificates/crls/store.ts', 'sql`select 1 from users where id = ${id}`'],
    ['certificates/crls/store.ts', 'sql`select 1 from revocation_lists, users`'],
    ['certificates/crls/store.ts', 'sql`delete from users`'],
    ['certificates/crls/store.ts', "sql`select 1 from ${sql.table('users')}`"],
    ['certificates/crls/store.ts', "sql`select 1 from ${sql.ref('users')}`"],
    ['certificates/crls/store.ts', 'sql`select 1 from ${sql.table(name)}`'],
    ['certificates/crls/store.ts', "reader.prepare(() => 'select id from users where id = ?')"],
    ['certificates/crls/store.ts', 'reader.prepare(() => `select ${columns} from users`)'],
    ['certificates/crls/store.ts', 'reader.prepare(() => `select 1 from ${name}`)'],
    ['certificates/crls/store.ts', "db.selectFrom('revocation_lists').selectAll(); db.selectFrom(name)"],
    ['identity/second-factors/store.ts', "trx.updateTable('users').set(row)"],
    ['identity/users/service.ts', "db.selectFrom('sessions')"],
    ['start.ts', "db.selectFrom('totals')"],
  ])('%s: %s', (path, text) =>
    expect(ownershipBreaches([readSourceFile(`apps/bff/src/${path}`, text)])).toHaveLength(1),
  )

  test.each([
    ['apps/bff/src/identity/users/index.ts', ''],
    ['apps/web/src/ui/form-helpers.ts', ''],
    ['packages/contract/src/types.ts', ''],
    ['e2e/long.ts', '\n'.repeat(301)],
  ])('%s', (path, text) => expect(shapeBreaches([readSourceFile(path, text)])).toHaveLength(1))
})

test('the rules accept what is allowed', () => {
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
      'apps/web/src/identity/users/users.tsx',
      "import { Table } from '../../ui/table.tsx'\nexport const at = new Date(0)",
    ),
    readSourceFile(
      'apps/web/src/identity/users/user-edit-dialog.tsx',
      "import { IssuedCertificates } from '../../certificates/issued/issued-certificates.tsx'",
    ),
    readSourceFile('apps/web/src/app/routes.tsx', "import { UsersPage } from '../identity/users/users-page.tsx'"),
    readSourceFile('packages/pki/src/read/common-name.ts', 'process.exit(1)'),
    readSourceFile(
      'apps/bff/src/identity/users/store.ts',
      "db.selectFrom('users as u').selectAll(); sql`delete from users`; db.selectFrom(all(db).as('sessions')); Buffer.from(text)",
    ),
    readSourceFile(
      'apps/bff/src/identity/users/routes.ts',
      "export const text = 'Select one of the users from the list'",
    ),
    readSourceFile('apps/bff/src/platform/db/copy.ts', "db.selectFrom(name); trx.insertInto('users')"),
  ]
  const breaches = [importBreaches, globalBreaches, shapeBreaches, ownershipBreaches].flatMap((find) => find(allowed))
  expect(breaches).toEqual([])
})
