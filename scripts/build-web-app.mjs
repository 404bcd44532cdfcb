/** Builds the web app if one of the files that go into it changed since the last time. */
import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { wanted as installed } from './install.mjs'
import { oneAtATime } from './one-at-a-time.mjs'
import { pinnedNode, root, runQuietly } from './run.mjs'
import { hashFiles, readStamp } from './stamp.mjs'

const vite = join(root, 'apps/web/node_modules/vite/bin/vite.js')
const stamp = join(root, 'apps/web/dist/.built')

export async function buildWebApp() {
  if (await isBuilt()) return
  await oneAtATime(async () => {
    if (await isBuilt()) return
    console.error('Building the web app …')
    const sources = await hashSources() // hash before the build: a file that changes meanwhile is built the next time
    rmSync(join(root, 'apps/web/dist'), { recursive: true, force: true })
    await Promise.all(languages().map(buildIn))
    writeFileSync(stamp, sources)
  })
}

/** The pseudo-locale has accents and long texts. It shows what is not translated or does not fit. */
function languages() {
  const { GATEHOUSE_TEST_ALL: all, GATEHOUSE_PSEUDO_LOCALE: pseudo } = process.env
  return ['en', 'de', ...(all || pseudo ? ['pseudo'] : [])]
}

/** @param {string} language */
async function buildIn(language) {
  const { code, output } = await runQuietly(pinnedNode, [vite, 'build', 'apps/web', '--logLevel', 'warn'], {
    GATEHOUSE_LANGUAGE: language,
  })
  if (output.trim()) console.error(output.trimEnd())
  if (code !== 0) throw new Error(`Building the web app in the language "${language}" failed (code ${code}).`)
}

async function isBuilt() {
  return readStamp(stamp) === (await hashSources())
}

async function hashSources() {
  const own = (await readdir(join(root, 'apps/web'), { withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => `apps/web/${entry.name}`)
  const folders = ['apps/web/src', 'apps/web/vite', 'apps/web/public', 'packages/contract/src', 'packages/pki/src']
  const inFolders = await Promise.all(folders.map(filesBelow))
  return hashFiles([...own, ...inFolders.flat()].toSorted(), [await installed(), ...languages()])
}

/** @param {string} folder */
async function filesBelow(folder) {
  if (!existsSync(join(root, folder))) return []
  const names = await readdir(join(root, folder), { recursive: true })
  return names.map((name) => join(folder, name)).filter((path) => statSync(join(root, path)).isFile())
}
