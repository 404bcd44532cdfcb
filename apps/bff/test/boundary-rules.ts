/** The import rules as data, and the check. A breach reads: file → import: rule. */
import type { Import, SourceFile } from './source-files.ts'

/** Each feature imports only the features before it. */
export const featureOrder = [
  'changes',
  'activity',
  'audit',
  'settings',
  'roles',
  'passwords',
  'user-search',
  'users',
  'callers',
  'user-transfer',
  'permissions',
  'mfa',
  'session',
  'sessions',
  'tokens',
  'seen-certificates',
  'authorities',
  'server-certificate',
  'built-in-authority',
  'revocations',
  'revocation-lists',
  'client-certificates',
  'broker',
  'overview',
  'broker-sessions',
  'broker-trust',
  'broker-admission',
  'certificates',
  'broker-thread',
]
export const webLayers = ['api', 'shell', 'form', 'table', 'feedback', 'words']

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
    says: 'pki imports X.509 libraries, Node and itself',
    files: /^packages\/pki\//,
    forbids: allBut(/^(@peculiar\/|asn1js$|pkijs$|reflect-metadata$|node:|packages\/pki\/)/),
  },
  {
    // `ipaddr.js` belongs to base: the console and the broker have to read an address in the same way.
    says: 'base imports Node, ipaddr.js, and of the contract types only',
    files: /^apps\/bff\/src\/base\//,
    forbids: allBut(/^(node:|ipaddr\.js$|apps\/bff\/src\/base\/|packages\/contract\/)/),
  },
  {
    says: 'base imports Node, and of the contract types only',
    files: /^apps\/bff\/src\/base\//,
    forbids: /^packages\/contract\//,
    typesAreFree: true,
  },
  {
    says: 'db imports base and the contract',
    files: /^apps\/bff\/src\/db\//,
    forbids: new RegExp(`^(${bff}(?!db/|base/)|${pki})`),
  },
  {
    says: 'http imports base and the contract',
    files: /^apps\/bff\/src\/http\//,
    forbids: new RegExp(`^(${bff}(?!http/|base/)|${pki})`),
  },
  {
    says: 'a feature imports base, db, http and the features before it',
    files: /^apps\/bff\/src\/[^/]+\//,
    forbids: isLaterFeature,
  },
  {
    says: 'only main.ts, start.ts, app.ts and admin.ts see those files',
    files: /^apps\/bff\/src\/[^/]+\//,
    forbids: /^apps\/bff\/src\/(?!env\.ts)[^/]+\.ts$/,
  },
  {
    says: 'settings of the environment come as arguments',
    files: /^apps\/bff\/src\/[^/]+\//,
    forbids: /^apps\/bff\/src\/env\.ts$/,
    typesAreFree: true,
  },
  {
    says: 'only routes.ts, app.ts and http/ import express',
    files: /^apps\/bff\/src\/(?!.*\/routes\.ts$|app\.ts$|http\/)/,
    forbids: /^express$/,
  },
  {
    says: 'only the broker imports aedes',
    files: /^apps\/bff\/src\/(?!broker(-[a-z]+)?\/)/,
    forbids: /^(aedes|mqtt-packet)/,
  },
  {
    says: 'only stores and db/ speak SQL',
    files: /^apps\/bff\/src\/(?!.*[/-]store\.ts$|db\/)/,
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
    says: 'a feature of the web imports layer folders, never another feature',
    files: /^apps\/web\/src\/[^/]+\//,
    forbids: isOtherWebFeature,
  },
  {
    says: 'e2e imports contract and pki/testing, never the apps',
    files: /^e2e\//,
    forbids: new RegExp(`^(apps/|scripts/|bench/|${pki}(?!testing\\.ts))`),
  },
  {
    says: 'bench measures from outside: it imports contract, pki/testing and the scripts, never the apps',
    files: /^bench\//,
    forbids: new RegExp(`^(apps/|${pki}(?!testing\\.ts))`),
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
  const byPath = new Map(files.map((file) => [file.path, file]))
  const breaches: string[] = []
  const seen = new Set<string>()
  const walk = (file: SourceFile, way: string[]): void => {
    for (const { target, specifier, isType } of file.imports) {
      if (isType) continue
      if (specifier.startsWith('node:')) breaches.push([...way, specifier].join(' → '))
      const next = byPath.get(target)
      if (!next || seen.has(target)) continue
      seen.add(target)
      walk(next, [...way, target])
    }
  }
  for (const file of files) if (file.path.startsWith(web) && isShipped(file)) walk(file, [file.path])
  return breaches.map((breach) => `${breach}: there is no Node in the browser`)
}

export function isShipped({ path }: SourceFile): boolean {
  return !/\.test\.tsx?$/.test(path) && !path.startsWith('apps/bff/test/')
}

function isForbidden({ forbids }: Rule, file: SourceFile, each: Import): boolean {
  return forbids instanceof RegExp ? forbids.test(each.target) : forbids(file, each)
}

function isLaterFeature(file: SourceFile, { target }: Import): boolean {
  if (!target.startsWith(bff)) return false
  const [own, other] = [featureOrder.indexOf(folderOf(file.path)), featureOrder.indexOf(folderOf(target))]
  return other >= 0 && own >= 0 && other > own
}

function isOtherWebFeature(file: SourceFile, { target }: Import): boolean {
  const [own, other] = [folderOf(file.path), folderOf(target)]
  return target.startsWith(`${web}${other}/`) && other !== own && !webLayers.includes(other)
}

function folderOf(path: string): string {
  return path.split('/')[3] ?? ''
}
