/** A lock: two starts must not install into one folder at the same time. The second one waits. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './run.mjs'

// Beside node_modules, not inside: pnpm may empty that.
const lock = join(root, '.installing')

/** @param {() => Promise<void>} work */
export async function oneAtATime(work) {
  while (!take()) await sleep(200)
  process.once('exit', release)
  try {
    await work()
  } finally {
    process.off('exit', release)
    release()
  }
}

function release() {
  rmSync(lock, { force: true })
}

function take() {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
    if (!isAlive(holder())) release() // the process that held it was killed
    return false
  }
}

function holder() {
  try {
    // Empty between creating the file and writing to it. Treat it as held.
    return Number(readFileSync(lock, 'utf8')) || process.pid
  } catch {
    return process.pid // released just now: try again
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}
