/** Runs commands as a person would. Their output becomes a timeline that a test can wait for. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

export function isInstalled(command: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, command)))
}

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** Runs a command to its end. Another code than 0 is a result and not an error; a command that hangs is an error. */
export function execute(command: string, args: string[], cwd?: string, timeoutMs = 60_000): Promise<Outcome> {
  return new Promise((done, fail) => {
    execFile(command, args, { cwd, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error && typeof error.code !== 'number') fail(new Error(`${command} ${args.join(' ')}: ${error.message}`))
      else done({ code: Number(error?.code ?? 0), stdout, stderr })
    })
  })
}

/** Like `execute`, for a command that must succeed. */
export async function succeed(command: string, args: string[], cwd?: string): Promise<string> {
  const { code, stdout, stderr } = await execute(command, args, cwd)
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: exit code ${code}\n${stderr}`)
  return stdout
}

/** Events in order, with the time at which we saw them (`Date.now()`). Waiting also finds past events. */
export class Timeline<Event extends object> {
  readonly events: (Event & { at: number })[] = []
  readonly #waiting = new Set<() => void>()

  add(event: Event): void {
    this.events.push({ ...event, at: Date.now() })
    for (const look of this.#waiting) look()
  }

  /** Waits for the first matching event. After `timeoutMs` it fails with the events that occurred. */
  until<Wanted extends Event>(what: string, fits: (event: Event) => event is Wanted, timeoutMs = 30_000) {
    return new Promise<Wanted & { at: number }>((done, fail) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look)
        const seen = this.events.map((event) => `  ${JSON.stringify(event)}`).join('\n')
        fail(new Error(`No ${what} within ${timeoutMs} ms; what came:\n${seen || '  nothing'}`))
      }, timeoutMs)
      const look = (): void => {
        const found = this.events.find((event): event is Wanted & { at: number } => fits(event))
        if (!found) return
        clearTimeout(timer)
        this.#waiting.delete(look)
        done(found)
      }
      this.#waiting.add(look)
      look()
    })
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts a command and reads its lines (of both outputs) as they come. It does not outlive the test run. */
export function follow(
  command: string,
  args: string[],
  onLine: (line: string) => void,
  env = process.env,
): ChildProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  followLines(child, onLine)
  return child
}

/** The same for a child that was started in another way. */
export function followLines(child: ChildProcess, onLine: (line: string) => void): void {
  running.add(child)
  child.once('close', () => running.delete(child))
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(line)
    })
    stream?.on('end', () => rest && onLine(rest))
  }
}

/** Ends a child process, and waits until it has exited and its output is read. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (!running.has(child)) return
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}
