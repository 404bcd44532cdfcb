/** Runs the servers of a worker one after the other in one process, which has loaded the modules once. */
import { type ChildProcess, fork } from 'node:child_process'
import { join, resolve } from 'node:path'
import { end, followLines } from './outside.ts'

const root = resolve(import.meta.dirname, '../..')

export class ServerHost {
  readonly #child: ChildProcess
  #onLine: (line: string) => void = () => {}

  constructor() {
    this.#child = fork(join(root, 'apps/bff/test/server-host.ts'), {
      execPath: join(root, 'node_modules/node/bin/node'),
      // As in vitest.config.ts: each server starts a thread with a heap of its own.
      execArgv: ['--min-semi-space-size=16', '--max-semi-space-size=64'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    // Each server adds one.
    this.#child.setMaxListeners(0)
    followLines(this.#child, (line) => this.#onLine(line))
  }

  /** Starts a server in the process and returns the process. Stop this server before you start the next one. */
  start(env: NodeJS.ProcessEnv, onLine: (line: string) => void): ChildProcess {
    this.#onLine = onLine
    this.#child.send(env)
    return this.#child
  }

  /** The server prints the line "stopped" when it has ended. */
  stop(): void {
    this.#child.send('stop')
  }

  end(): Promise<void> {
    return end(this.#child)
  }
}
