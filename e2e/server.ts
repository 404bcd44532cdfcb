/** The real application as its own process, on free ports and a data folder of its own. */
import { type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { end, follow, Timeline } from './outside.ts'

const root = resolve(import.meta.dirname, '..')
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

/** Starts on a fresh data folder. `settings` are environment variables (`GATEHOUSE_…`) on top of those that the test needs. */
export async function startGatehouse(settings: Record<string, string> = {}): Promise<Gatehouse> {
  const gatehouse = new Gatehouse(await mkdtemp(join(tmpdir(), 'gatehouse-')), settings)
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
  /** The generated sign-in of the first administrator; printed at the very first start only. */
  firstSignIn: { username: string; password: string } | undefined
  /** All that the process printed, through all its restarts. */
  readonly lines: string[] = []
  readonly #settings: Record<string, string>
  /** The free space of the machine that runs the tests must not change the overview. */
  readonly #usual = { GATEHOUSE_LOW_SPACE_MIB: '0' }
  #ports: Record<string, string> = { GATEHOUSE_HTTP_PORT: '0', GATEHOUSE_MQTT_PORT: '0', GATEHOUSE_MQTTS_PORT: '0' }
  #child: ChildProcess | undefined

  constructor(dataFolder: string, settings: Record<string, string>) {
    this.dataFolder = dataFolder
    this.#settings = settings
  }

  /** Of the process that runs now. */
  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('Gatehouse is not running')
    return this.#child.pid
  }

  /** What a client takes as `--cafile`. */
  get authorityFile(): string {
    return join(this.dataFolder, 'authority.crt')
  }

  async start(): Promise<void> {
    const log = new Timeline<LogLine | { msg: 'exit'; code: number | null }>()
    const child = follow(
      node,
      [join(root, 'apps/bff/src/main.ts')],
      (line) => {
        this.lines.push(line)
        if (line.startsWith('{')) log.add(JSON.parse(line) as LogLine)
      },
      this.#environment(),
    )
    this.#child = child
    child.once('close', (code) => log.add({ msg: 'exit', code }))
    const outcome = await log.until(
      'line "ready"',
      (line): line is LogLine => line.msg === 'ready' || line.msg === 'exit',
      30_000,
    )
    if (outcome.msg === 'exit') throw new Error(`Gatehouse ended before it was ready:\n${this.lines.join('\n')}`)
    const { url, mqttUrl, mqttsUrl } = outcome as Ready
    Object.assign(this, { url, mqttUrl, mqttsUrl })
    // After a restart the addresses are the same: a browser and MQTT clients that stayed find it again.
    this.#ports = {
      GATEHOUSE_HTTP_PORT: portOf(url),
      GATEHOUSE_MQTT_PORT: portOf(mqttUrl),
      GATEHOUSE_MQTTS_PORT: portOf(mqttsUrl),
    }
    const printed = log.events.find((line): line is FirstSignIn & { at: number } => line.msg === 'first sign-in')
    if (printed) this.firstSignIn = { username: printed.username, password: printed.password }
  }

  /** Ends the process as an operator does. The data folder stays. */
  async stop(): Promise<void> {
    if (this.#child) await end(this.#child, 'SIGTERM')
  }

  /** Ends the process as a power cut does, apart from what the kernel still writes. */
  async kill9(): Promise<void> {
    if (this.#child) await end(this.#child, 'SIGKILL')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Stops, and takes the data folder away. */
  async remove(): Promise<void> {
    await this.stop()
    await rm(this.dataFolder, { recursive: true, force: true })
  }

  /** Only what is said here: a `GATEHOUSE_…` of the person who runs the tests must not change what they test. */
  #environment(): NodeJS.ProcessEnv {
    const kept = ['PATH', 'HOME', 'TMPDIR', 'NODE_COMPILE_CACHE', 'NODE_V8_COVERAGE']
    const inherited = Object.fromEntries(kept.map((name) => [name, process.env[name]]))
    return { ...inherited, GATEHOUSE_DATA_DIR: this.dataFolder, ...this.#usual, ...this.#ports, ...this.#settings }
  }
}

function portOf(url: string | undefined): string {
  return url ? new URL(url).port : 'off'
}
