/** The import rules as data, and the check. A breach reads: file → import: rule. */
import type { Import, SourceFile } from './source-files.ts'

/** The domains of the server. Each imports only itself and those before it. */
export const domains = ['platform', 'access', 'identity', 'certificates', 'brokers', 'operations']
/** The folders of the web app, and the links between its pages. Each imports only itself and those before it. `api-reference` is a page of its own. */
export const webOrder = [
  'messages',
  'api',
  'ui',
  'links.ts',
  'access',
  'identity',
  'certificates',
  'brokers',
  'operations',
  'account',
  'app',
]

const pki = 'packages/pki/src/'
const bff = 'apps/bff/src/'
const web = 'apps/web/src/'

interface Rule {
  says: string
  /** The files that the rule applies to. */
  files: RegExp
  /** Forbidden imports: a pattern, or a function. */
  forbids: RegExp | ((file: SourceFile, each: Import) => boolean)
  /** Allows type imports, which do not exist at run time. */
  typesAreFree?: boolean
}

/** Forbids every import that does not match. */
const allBut = (allowed: RegExp) => (_: SourceFile, each: Import) => !allowed.test(each.target)

const importRules: Rule[] = [
  {
    says: 'contract imports zod/mini and itself',
    files: /^packages\/contract\//,
    forbids: allBut(/^(zod\/mini$|packages\/contract\/)/),
  },
  {
    says: 'only contract/openapi imports the examples for OpenAPI',
    files: /^(?!packages\/contract\/src\/openapi\/)/,
    forbids: /\.openapi(\.ts)?$/,
  },
  {
    says: 'pki imports X.509 libraries, Node and itself',
    files: /^packages\/pki\//,
    forbids: allBut(/^(@peculiar\/|asn1js$|pkijs$|reflect-metadata$|node:|packages\/pki\/)/),
  },
  {
    says: 'mqtt imports ws, Node and itself',
    files: /^packages\/mqtt\//,
    forbids: allBut(/^(ws$|node:|packages\/mqtt\/)/),
  },
  {
    says: 'only brokers imports mqtt',
    files: /^(?!packages\/mqtt\/|apps\/bff\/src\/brokers\/)/,
    forbids: /^packages\/mqtt\//,
  },
  {
    says: 'a domain imports itself and the domains before it',
    files: /^apps\/bff\/src\/[^/]+\//,
    forbids: isLaterDomain,
  },
  {
    says: 'only the root files import each other',
    files: /^apps\/bff\/src\/[^/]+\//,
    forbids: /^apps\/bff\/src\/[^/]+\.ts$/,
  },
  {
    says: 'platform/base imports Node, pino, ipaddr.js and lru-cache, and of the contract types only',
    files: /^apps\/bff\/src\/platform\/base\//,
    forbids: allBut(/^(node:|pino(-pretty)?$|ipaddr\.js$|lru-cache$|apps\/bff\/src\/platform\/base\/)/),
    typesAreFree: true,
  },
  {
    says: 'only routes.ts, app.ts and platform/http import express',
    files: /^apps\/bff\/src\/(?!.*\/routes\.ts$|app\.ts$|platform\/http\/)/,
    forbids: /^express$/,
  },
  {
    says: 'access/decision is pure: it imports the contract, pki and itself',
    files: /^apps\/bff\/src\/access\/decision\/(?!.*\.test\.ts$)/,
    forbids: allBut(
      /^(zod\/mini$|packages\/contract\/|packages\/pki\/src\/(judge|read)\/|apps\/bff\/src\/access\/decision\/)/,
    ),
  },
  {
    says: 'only tests import mqtt-packet',
    files: /^(apps|packages)\//,
    forbids: /^mqtt-packet$/,
  },
  {
    says: 'only stores and platform/db speak SQL',
    files: /^apps\/bff\/src\/(?!.*[/-]store\.ts$|platform\/db\/)/,
    forbids: /^(kysely|better-sqlite3|pg)(\/|$)/,
    typesAreFree: true,
  },
  { says: 'pki/testing is for tests', files: /^apps\/[^/]+\/src\//, forbids: new RegExp(`^${pki}testing`) },
  { says: 'apps do not import each other', files: /^apps\/bff\//, forbids: /^apps\/web\// },
  {
    says: 'the web imports itself, contract, pki and packages, not Node',
    files: /^apps\/web\//,
    forbids: /^(node:|apps\/bff\/|e2e\/|scripts\/|zod$)/,
  },
  {
    says: 'a folder of the web imports itself and those before it; a *-page.tsx or *-dialog.tsx composes any domain',
    files: /^apps\/web\/src\/(?!api-reference\/)/,
    forbids: isLaterWebFolder,
  },
  {
    says: 'only app/routes.tsx imports a page, and app/gate.tsx those before the console',
    files: /^apps\/web\/src\/(?!app\/(routes|gate)\.tsx$)/,
    forbids: /^apps\/web\/src\/.*-page\.tsx$/,
  },
  {
    says: 'web/ui knows no domain of the contract',
    files: /^apps\/web\/src\/ui\//,
    forbids: /^packages\/contract\/src\/(access|identity|certificates|brokers|operations)\//,
  },
  {
    says: 'e2e imports contract and pki/testing, never the apps',
    files: /^e2e\//,
    forbids: new RegExp(`^(apps/|scripts/|bench/|${pki}(?!testing/))`),
  },
  {
    says: 'bench measures from outside: it imports contract, pki/testing and the scripts, never the apps',
    files: /^bench\//,
    forbids: new RegExp(`^(apps/|${pki}(?!testing/))`),
  },
  { says: 'only bench imports bench', files: /^(apps|packages|scripts)\//, forbids: /^bench\// },
]

/** One line for each breach, such as `apps/bff/src/access/roles/service.ts → ../users/store.ts: a feature imports …`. */
export function importBreaches(files: SourceFile[]): string[] {
  return files
    .filter(isShipped)
    .flatMap((file) =>
      file.imports.flatMap((each) =>
        importRules
          .filter(
            (rule) =>
              rule.files.test(file.path) && !(rule.typesAreFree && each.isType) && isForbidden(rule, file, each),
          )
          .map((rule) => `${file.path} → ${each.specifier}: ${rule.says}`),
      ),
    )
}

/** Finds imports of Node in the browser, also through pki or the contract. */
export function nodeInWebBreaches(files: SourceFile[]): string[] {
  const inWeb = files.filter((file) => file.path.startsWith(web) && isShipped(file))
  return importChains(files, inWeb, /^node:/).map((chain) => `${chain}: there is no Node in the browser`)
}

/** Kysely has 255 files. Without it the broker's thread starts in two thirds of the time. */
export function kyselyInBrokerThreadBreaches(files: SourceFile[]): string[] {
  const entry = files.filter(({ path }) => path === `${bff}brokers/embedded/worker.ts`)
  return importChains(files, entry, /^kysely$/).map((chain) => `${chain}: the broker's thread loads no Kysely`)
}

/** The imports that lead from these files to a forbidden specifier, directly or through other files. Types do not count. */
function importChains(files: SourceFile[], from: SourceFile[], forbidden: RegExp): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]))
  const chains: string[] = []
  const seen = new Set<string>()
  const walk = (file: SourceFile, chain: string[]): void => {
    for (const { target, specifier, isType } of file.imports) {
      if (isType) continue
      if (forbidden.test(specifier)) chains.push([...chain, specifier].join(' → '))
      const next = byPath.get(target)
      if (!next || seen.has(target)) continue
      seen.add(target)
      walk(next, [...chain, target])
    }
  }
  for (const file of from) walk(file, [file.path])
  return chains
}

export function isShipped({ path }: SourceFile): boolean {
  return !/\.test\.tsx?$/.test(path) && !path.startsWith('apps/bff/test/')
}

function isForbidden({ forbids }: Rule, file: SourceFile, each: Import): boolean {
  return forbids instanceof RegExp ? forbids.test(each.target) : forbids(file, each)
}

function isLaterDomain(file: SourceFile, { target }: Import): boolean {
  if (!target.startsWith(bff)) return false
  const [own, other] = [domains.indexOf(folderOf(file.path)), domains.indexOf(folderOf(target))]
  return other > own
}

function isLaterWebFolder(file: SourceFile, { target }: Import): boolean {
  if (!target.startsWith(web)) return false
  const [own, other] = [folderOf(file.path), folderOf(target)]
  if (/-(page|dialog)\.tsx$/.test(file.path) && !['api', 'ui'].includes(own)) return other === 'app' && own !== 'app'
  return webOrder.indexOf(other) > webOrder.indexOf(own)
}

function folderOf(path: string): string {
  return path.split('/')[3] ?? ''
}
