/**
 * The browser of the tests. Headless Chromium first: the same engine needs little more than half the CPU. CHROMIUM
 * names another one.
 */

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const commands = ['chromium-headless-shell', 'chromium']
const folders = (process.env.PATH ?? '').split(delimiter)
const installed = commands.flatMap((command) => folders.map((folder) => join(folder, command))).find(existsSync)

/** Undefined if none is installed. */
export const browserPath = process.env.CHROMIUM ?? installed
