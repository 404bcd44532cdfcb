/** `npm run dev`: restarts the server and reloads the page when a file changes. The example data is in data-dev/. */
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { makeExampleData } from './example-data.ts'
import { root, run } from './run.mjs'

const api = 'http://127.0.0.1:8080' // apps/web/vite.config.ts sends /api there
const page = 'http://localhost:5173'
const admin = { username: 'admin', password: 'only for development' }

process.env.GATEHOUSE_DATA_DIR = join(root, 'data-dev')
process.env.GATEHOUSE_ADMIN_USERNAME = admin.username
process.env.GATEHOUSE_ADMIN_PASSWORD = admin.password

const vite = join(root, 'apps/web/node_modules/vite/bin/vite.js')
const server = run(process.execPath, ['--watch', '--watch-preserve-output', join(root, 'apps/bff/src/main.ts')])
const web = run(process.execPath, [
  vite,
  join(root, 'apps/web'),
  '--port',
  '5173',
  '--strictPort',
  '--clearScreen',
  'false',
])
const firstToEnd = Promise.race([server, web])

await Promise.race([announce(), firstToEnd])
process.exitCode = await firstToEnd
process.kill(process.pid, 'SIGTERM') // `run` forwards the signal, so that both children end together
await Promise.all([server, web])

async function announce(): Promise<void> {
  while (!(await answers(`${api}/readyz`))) await sleep(200)
  await makeExampleData(api, admin)
  console.log(`\n  Gatehouse: ${page}\n  Sign in as ${admin.username} with the password "${admin.password}".\n`)
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    (response) => response.ok,
    () => false,
  )
}
