/** A stamp is a file with the hash of the inputs of a build step. If the hash is the same, the step is skipped. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/**
 * @param {string[]} paths below the root
 * @param {string[]} [facts] what else the result depends on
 */
export function hashFiles(paths, facts = []) {
  const hash = createHash('sha256')
  for (const fact of facts) hash.update(`${fact}\n`)
  for (const path of paths) {
    const content = readFileSync(join(root, path))
    // Hash the length too: "ab" + "c" must differ from "a" + "bc".
    hash.update(`${path}\n${content.length}\n`).update(content)
  }
  return hash.digest('hex')
}

/** @param {string} path */
export function readStamp(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined // missing: the step has to run
  }
}
