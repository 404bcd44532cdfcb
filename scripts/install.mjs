/** Installs the packages and the pinned Node if the lockfile or a manifest has changed. Otherwise it takes 2 ms. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { oneAtATime } from './one-at-a-time.mjs'
import { pinnedNode, root, runQuietly } from './run.mjs'
import { hashFiles, readStamp } from './stamp.mjs'

const pnpm = 'pnpm@12.21.0'
const stamp = join(root, 'node_modules/.installed')

export async function install() {
  if (await isInstalled()) return
  await oneAtATime(async () => {
    if (await isInstalled()) return
    await installPackages()
    mkdirSync(join(root, 'node_modules'), { recursive: true })
    writeFileSync(stamp, await wanted())
  })
}

async function isInstalled() {
  return existsSync(pinnedNode) && readStamp(stamp) === (await wanted())
}

/** The inputs of an installation: the manifests, and the kind of machine, because some packages ship binaries. */
export async function wanted() {
  const manifests = ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', 'e2e/package.json']
  for (const folder of ['apps', 'packages']) {
    for (const name of await readdir(join(root, folder))) manifests.push(`${folder}/${name}/package.json`)
  }
  const present = manifests.filter((path) => existsSync(join(root, path))).toSorted()
  return hashFiles(present, [process.platform, process.arch, libc()])
}

/** A node_modules folder that was copied from Debian to Alpine does not run there. */
function libc() {
  return process.platform === 'linux' && existsSync('/etc/alpine-release') ? 'musl' : ''
}

async function installPackages() {
  console.error('Installing packages: about half a minute the first time …')
  // CI=true: pnpm would ask whether it may replace a node_modules folder of another tool, and nobody could answer.
  const args = ['--yes', pnpm, 'install', '--frozen-lockfile', '--reporter=append-only']
  const { code, output } = await runQuietly('npx', args, { CI: 'true' }).catch(() => {
    throw new Error('npm is missing: install Node.js together with npm, then run this again.')
  })
  if (code === 0) return
  console.error(output.trimEnd())
  throw new Error(
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|META_FETCH_FAIL/.test(output)
      ? 'The packages could not be fetched: check the network and the proxy settings of npm, then run this again.'
      : `Installing the packages failed (code ${code}, reason above): mend that, then run this again.`,
  )
}
