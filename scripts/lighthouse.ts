/**
 * `LIGHTHOUSE=/a/folder node scripts/lighthouse.ts`: Lighthouse's performance score of the sign-in page and of Users
 * with 3,000 users, as a desktop and as a phone. Each figure is the median of several runs with simulated throttling.
 * Lighthouse is not a dependency (decision 51 says why): install it in the folder with `npm install lighthouse@13.5.0`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'
import { browserPath } from '../e2e/support/browser.ts'
import { Gatehouse } from '../e2e/support/server.ts'
import { pinnedNode, root, runQuietly } from './run.mjs'

const admin = { username: 'admin', password: 'only for measuring' }
const metrics = {
  FCP: 'first-contentful-paint',
  LCP: 'largest-contentful-paint',
  SI: 'speed-index',
  TBT: 'total-blocking-time',
  CLS: 'cumulative-layout-shift',
}
const pages = { 'sign-in': '/', users: '/users' }
const devices = ['desktop', 'mobile'] as const

type Device = (typeof devices)[number]

interface Audit {
  numericValue?: number
}

interface Lighthouse {
  default: (url: string, flags: object, config?: object) => Promise<{ lhr: Result } | undefined>
  desktopConfig: object
}

interface Result {
  categories: { performance: { score: number | null } }
  audits: Record<string, Audit>
  runtimeError?: { message: string }
}

interface Launcher {
  launch(options: object): Promise<{ port: number; kill(): void }>
}

const { values: wanted } = parseArgs({
  options: { runs: { type: 'string', default: '5' }, users: { type: 'string', default: '3000' } },
})
const runs = Number(wanted.runs)
const folder = process.env['LIGHTHOUSE']
if (!folder) throw new Error('LIGHTHOUSE names the folder in which Lighthouse is installed')
const lighthouse = (await bring('lighthouse/core/index.js')) as Lighthouse
const launcher = (await bring('chrome-launcher/dist/index.js')) as Launcher

const dataFolder = await mkdtemp(join(tmpdir(), 'gatehouse-'))
const gatehouse = new Gatehouse(dataFolder, {})
try {
  await seed()
  await gatehouse.start()
  const cookie = await signIn()
  for (const [name, path] of Object.entries(pages)) {
    for (const device of devices) {
      const results: Result[] = []
      for (let run = 0; run < runs; run++)
        results.push(await measure(gatehouse.url + path, device, name === 'users' ? cookie : null))
      console.log(`${name}, ${device}: ${describe(results)}`)
    }
  }
} finally {
  await gatehouse.remove()
  await rm(dataFolder, { recursive: true, force: true })
}

function bring(file: string): Promise<unknown> {
  return import(pathToFileURL(resolve(folder ?? '', 'node_modules', file)).href)
}

async function seed(): Promise<void> {
  const env = { GATEHOUSE_DATA_DIR: dataFolder, GATEHOUSE_ADMIN_PASSWORD: admin.password }
  const { code, output } = await runQuietly(pinnedNode, [join(root, 'scripts/seed.ts'), '--users', wanted.users], env)
  if (code !== 0) throw new Error(output)
}

async function signIn(): Promise<string> {
  const answer = await fetch(`${gatehouse.url}/api/session`, {
    method: 'POST',
    headers: { 'X-Requested-With': 'gatehouse', 'Content-Type': 'application/json' },
    body: JSON.stringify(admin),
  })
  const [cookie] = answer.headers.getSetCookie()
  if (!answer.ok || !cookie) throw new Error(`Signing in: ${answer.status} ${await answer.text()}`)
  return cookie.split(';')[0] ?? ''
}

async function measure(url: string, device: Device, cookie: string | null): Promise<Result> {
  const chrome = await launcher.launch({
    ...(browserPath && { chromePath: browserPath }),
    chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu'],
  })
  try {
    const flags = {
      port: chrome.port,
      logLevel: 'error',
      onlyCategories: ['performance'],
      ...(cookie !== null && { extraHeaders: { Cookie: cookie } }),
    }
    const result = await lighthouse.default(url, flags, device === 'desktop' ? lighthouse.desktopConfig : undefined)
    if (!result || result.lhr.runtimeError)
      throw new Error(result?.lhr.runtimeError?.message ?? 'Lighthouse said nothing')
    return result.lhr
  } finally {
    chrome.kill()
  }
}

function describe(results: readonly Result[]): string {
  const scores = results.map(({ categories }) => Math.round((categories.performance.score ?? 0) * 100))
  const parts = Object.entries(metrics).map(([short, id]) => {
    const value = median(results.map(({ audits }) => audits[id]?.numericValue ?? Number.NaN))
    return `${short} ${short === 'CLS' ? value.toFixed(3) : Math.round(value)}`
  })
  return `${median(scores)} (${scores.join(', ')}); ${parts.join(', ')}`
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
