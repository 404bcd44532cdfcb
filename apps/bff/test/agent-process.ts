/** Runs the agent as a process, as on the machine of a Mosquitto. */
import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { controlUser, type MosquittoBroker } from './mosquitto-broker.ts'
import { outsideEnv } from './server-process.ts'

export interface AgentProcess {
  /** The output so far. */
  printed(): string
  /** Resolves when the output contains this. */
  says(text: string): Promise<void>
  /** Signals the process and waits for its end. */
  end(signal: NodeJS.Signals): Promise<void>
}

const program = fileURLToPath(new URL('../src/agent.ts', import.meta.url))
const running = new Set<ChildProcess>()

type Beside = Pick<MosquittoBroker, 'folder' | 'capath' | 'crlFile' | 'pidFile'> & { ports: { control: number } }

/** The settings of an agent beside this Mosquitto. Its state is in the folder of the Mosquitto. */
export async function agentEnv(broker: Beside): Promise<Record<string, string>> {
  const passwordFile = join(broker.folder, 'control-password')
  await writeFile(passwordFile, `${controlUser.password}\n`, { mode: 0o600 })
  return {
    GATEHOUSE_AGENT_STATE_DIR: join(broker.folder, 'agent-state'),
    GATEHOUSE_AGENT_CAPATH: broker.capath,
    GATEHOUSE_AGENT_CRL_FILE: broker.crlFile,
    GATEHOUSE_AGENT_PID_FILE: broker.pidFile,
    GATEHOUSE_AGENT_CONTROL_URL: `mqtt://127.0.0.1:${broker.ports.control}`,
    GATEHOUSE_AGENT_CONTROL_USERNAME: controlUser.username,
    GATEHOUSE_AGENT_CONTROL_PASSWORD_FILE: passwordFile,
  }
}

/** Starts the agent, which follows its console until it is ended. */
export function startAgent(env: Record<string, string>): AgentProcess {
  const { child, printed, said } = launch([], env)
  return {
    printed,
    says: async (text) => {
      while (!printed().includes(text)) await said()
    },
    end: async (signal) => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    },
  }
}

/** Runs a command of the agent. Returns the exit code and what it printed. */
export async function runAgentCommand(words: string[], env: Record<string, string>) {
  const { child, printed } = launch(words, env)
  await once(child, 'close')
  return { code: child.exitCode, printed: printed() }
}

/** Ends all agents, also after a failed test. */
export function killAgents(): void {
  for (const child of running) child.kill('SIGKILL')
}

function launch(words: string[], env: Record<string, string>) {
  const child = spawn(process.execPath, [program, ...words], {
    env: { ...outsideEnv(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  let text = ''
  const output = new EventEmitter()
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
      output.emit('text')
    })
  }
  return { child, printed: () => text, said: () => once(output, 'text') }
}
