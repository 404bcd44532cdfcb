/** Runs a child as if it were this process: our signals reach it, and its exit code becomes ours. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
export const pinnedNode = resolve(root, 'node_modules/node/bin/node')

// Compiling is a fifth to a half of the time that a start takes; the second one reads the result from here.
const compileCache = { NODE_COMPILE_CACHE: resolve(root, 'node_modules/.cache/compile') }

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>} the exit code; 128 + n where signal n ended the child, as a shell says it
 */
export function run(command, args) {
  return ended(spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...compileCache, ...process.env } }))
}

/**
 * Keeps what the child prints, to be shown if it fails.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env] on top of ours
 */
export async function runQuietly(command, args, env) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const code = await ended(child)
  return { code, output }
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<number>}
 */
function ended(child) {
  return new Promise((done, fail) => {
    // On Ctrl-C the terminal tells the child too: it hears SIGINT twice and has to stand that.
    const forward = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
    for (const signal of signals) process.on(signal, forward)
    child.on('error', fail)
    child.on('close', (code, signal) => {
      for (const each of signals) process.off(each, forward)
      done(signal ? 128 + constants.signals[signal] : (code ?? 1))
    })
  })
}
