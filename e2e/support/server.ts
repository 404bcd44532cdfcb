/** The real application on free ports with its own data folder, in its own process or in one that runs several one after the other. */
import type { ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { end, follow, Timeline } from './outside.ts'
import type { ServerHost } from './server-host.ts'

const root = resolve(import.meta.dirname, '../..')
const node = join(root, 'node_modules/node/bin/node')

interface Ready {
  msg: 'ready'
  url: string
  mqttUrl: string
  mqttsUrl: string
}

interface FirstSignIn {
  msg: 'first sign-in'
  username: string
  password: string
}

export type LogLine = Ready | FirstSignIn | { msg: string; level?: number }
type Event = LogLine | { msg: 'exit'; code: number | null }

const startsWithinMs = 60_000

/**
 * Starts with an empty data folder. `settings` are environment variables (`GATEHOUSE_…`) in addition to those that the
 * tests need. Without `shared` it is a process of its own on ports of its own.
 */
export async function startGatehouse(settings: Record<string, string> = {}, shared?: Shared): Promise<Gatehouse> {
  const gatehouse = new Gatehouse(await mkdtemp(join(tmpdir(), 'gatehouse-')), settings, shared)
  try {
    await gatehouse.start()
  } catch (error) {
    await gatehouse.remove()
    throw error
  }
  return gatehouse
}

export class Gatehouse {
  readonly dataFolder: string
  url = ''
  mqttUrl = ''
  mqttsUrl = ''
  /** The generated credentials of the first administrator; printed at the very first start only. */
  firstSignIn: { username: string; password: string } | undefined
  /** The output of the process through all its restarts. */
  readonly lines: string[] = []
  readonly #settings: Record<string, string>
  /** The free space of the machine that runs the tests must not change the overview. Agents have a listener. */
  readonly #usual = { GATEHOUSE_LOW_SPACE_MIB: '0', GATEHOUSE_ENFORCERS_PORT: '0' }
  /** The addresses stay the same after a restart, so browsers and MQTT clients find it again. */
  #ports: Ports | undefined
  /** Runs the server until it is stopped. A restart takes a new process, which remembers nothing. */
  #host: ServerHost | undefined
  #child: ChildProcess | undefined
  #log = new Timeline<Event>()

  constructor(dataFolder: string, settings: Record<string, string>, shared?: Shared) {
    this.dataFolder = dataFolder
    this.#settings = settings
    this.#ports = shared?.ports
    this.#host = shared?.host
  }

  /** The id of the current process. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('Gatehouse is not running')
    return this.#child.pid
  }

  /** The `--cafile` of a client. */
  get authorityFile(): string {
    return join(this.dataFolder, 'authority.crt')
  }

  async start(): Promise<void> {
    this.#ports ??= await choosePorts()
    this.#log = new Timeline()
    this.#child = this.#launch((line) => {
      this.lines.push(line)
      if (line.startsWith('{')) this.#log.add(JSON.parse(line) as LogLine)
    })
    const log = this.#log
    this.#child.once('close', (code) => log.add({ msg: 'exit', code }))
    const { url, mqttUrl, mqttsUrl } = (await this.#until('ready')) as Ready
    Object.assign(this, { url, mqttUrl, mqttsUrl })
    const printed = log.events.find((line): line is FirstSignIn & { at: number } => line.msg === 'first sign-in')
    if (printed) this.firstSignIn = { username: printed.username, password: printed.password }
  }

  /** Stops the server as an operator does, and keeps the data folder. */
  async stop(): Promise<void> {
    const host = this.#host
    this.#host = undefined
    if (host) {
      host.stop()
      await this.#until('stopped')
      this.#child = undefined
    } else if (this.#child) await end(this.#child, 'SIGTERM')
  }

  /** Kills the process like a power failure, except for what the kernel still writes. */
  async kill9(): Promise<void> {
    if (this.#host) throw new Error('Other servers run in this process: restart Gatehouse first')
    if (this.#child) await end(this.#child, 'SIGKILL')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Stops, and removes the data folder. */
  async remove(): Promise<void> {
    await this.stop()
    await rm(this.dataFolder, { recursive: true, force: true })
  }

  #launch(onLine: (line: string) => void): ChildProcess {
    const env = this.#environment()
    return this.#host ? this.#host.start(env, onLine) : follow(node, [join(root, 'apps/bff/src/main.ts')], onLine, env)
  }

  async #until(msg: string): Promise<Event> {
    const fits = (line: Event): line is Event => line.msg === msg || line.msg === 'exit'
    const line = await this.#log.until(`line "${msg}"`, fits, startsWithinMs)
    if (line.msg === 'exit') throw new Error(`Gatehouse ended without the line "${msg}":\n${this.lines.join('\n')}`)
    return line
  }

  /** Only these variables: a `GATEHOUSE_…` of the person who runs the tests must not change the result. */
  #environment(): NodeJS.ProcessEnv {
    const kept = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE']
    const inherited = Object.fromEntries(kept.map((name) => [name, process.env[name]]))
    return { ...inherited, GATEHOUSE_DATA_DIR: this.dataFolder, ...this.#usual, ...this.#ports, ...this.#settings }
  }
}

/** What the servers of a worker share. */
export interface Shared {
  ports: Ports
  host: ServerHost
}

type Ports = Record<'GATEHOUSE_HTTP_PORT' | 'GATEHOUSE_MQTT_PORT' | 'GATEHOUSE_MQTTS_PORT', string>

export async function choosePorts(): Promise<Ports> {
  return {
    GATEHOUSE_HTTP_PORT: await freePort(),
    GATEHOUSE_MQTT_PORT: await freePort(),
    GATEHOUSE_MQTTS_PORT: await freePort(),
  }
}

/**
 * A port below those that Linux gives to outgoing connections and to servers that take any port (32768 and up), so that
 * nothing takes it between a stop and the next start. Chromium refuses some ports up to 10080.
 */
export async function freePort(): Promise<string> {
  const port = randomInt(11_000, 32_768)
  return (await isFree(port)) ? String(port) : freePort()
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const probe = createServer()
    probe.once('error', () => done(false))
    probe.listen(port, () => probe.close(() => done(true)))
  })
}
