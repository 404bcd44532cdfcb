/** Runs the real program as a process, for tests that kill it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { goodPassword } from './app.ts'

export interface ServerProcess {
  url: string
  mqttUrl: string
  /** The output so far. */
  printed(): string
  /** Signals the process and waits for its end. Returns the exit code; null for a signal. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

interface Ready {
  url: string
  mqttUrl: string
}

/** Starts the server on this folder and free ports. Resolves when it is ready. `openFiles` is its limit of open files. */
export async function startServer(
  dataDir: string,
  env: Record<string, string> = {},
  openFiles?: number,
): Promise<ServerProcess> {
  const { child, printed, ended } = launch(dataDir, env, openFiles)
  const ready = await Promise.race([untilReady(child, printed), ended.then(() => null)])
  if (ready === null) throw new Error(`The server did not start: ${printed()}`)
  return {
    url: ready.url,
    mqttUrl: ready.mqttUrl,
    printed,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

/** Starts a server that must fail. Returns its exit code and output. */
export async function failToStart(dataDir: string, env: Record<string, string>) {
  const { printed, ended } = launch(dataDir, env)
  return { code: await ended, printed: printed() }
}

/** A clean environment: a `GATEHOUSE_…` variable of the developer must not change the tests. */
export function outsideEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE }
}

function launch(dataDir: string, env: Record<string, string>, openFiles?: number) {
  const command = [process.execPath, fileURLToPath(new URL('../src/main.ts', import.meta.url))]
  const limited =
    openFiles === undefined ? command : ['sh', '-c', `ulimit -n ${openFiles}; exec "$@"`, 'sh', ...command]
  const [program = '', ...args] = limited
  const child = spawn(program, args, {
    env: {
      ...outsideEnv(),
      GATEHOUSE_DATA_DIR: dataDir,
      GATEHOUSE_HTTP_PORT: '0',
      GATEHOUSE_MQTT_PORT: '0',
      GATEHOUSE_MQTTS_PORT: '0',
      GATEHOUSE_ADMIN_PASSWORD: goodPassword,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  return { child, ended, printed: () => text }
}

function untilReady(child: ChildProcess, printed: () => string): Promise<Ready> {
  return new Promise((resolve) => {
    child.stdout?.on('data', () => {
      const line = /^\{"msg":"ready".*\}$/m.exec(printed())?.[0]
      if (line) resolve(JSON.parse(line) as Ready)
    })
  })
}
