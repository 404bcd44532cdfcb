/** Runs `npm run admin` as a process. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { outsideEnv } from './server-process.ts'

export interface Ended {
  code: number | null
  out: string
  err: string
}

/** `env` names the data folder and the database. */
export function runAdmin(args: string[], env: Record<string, string>): Promise<Ended> {
  const entry = fileURLToPath(new URL('../src/admin.ts', import.meta.url))
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...outsideEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended: Ended = { code: null, out: '', err: '' }
  child.stdout.on('data', (chunk: Buffer) => (ended.out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (ended.err += chunk.toString()))
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ ...ended, code }))
  })
}
