/** Runs a child process, forwards signals to it and returns its exit code. */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')
export const pinnedNode = resolve(root, 'node_modules/node/bin/node')

// Compiling takes a fifth to a half of the start. The next start reads the result from this cache.
const compileCache = { NODE_COMPILE_CACHE: resolve(root, 'node_modules/.cache/compile') }

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {Promise<number>} the exit code; 128 + n if signal n ended the child, as in a shell
 */
export function run(command, args) {
  return ended(spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...compileCache, ...process.env } }))
}

/**
 * Collects the output of the child, to show it after a failure.
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
    // On Ctrl-C the terminal signals the child too, so the child gets SIGINT twice.
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
