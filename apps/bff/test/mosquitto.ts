/** Runs Mosquitto's clients and reads their output. */
import { type ChildProcess, spawn } from 'node:child_process'
import { expect } from 'vitest'
import { eventually } from './broker-world.ts'

export interface Mosquitto {
  output(): string
  ended: Promise<string>
  kill(): Promise<string>
}

const children = new Set<ChildProcess>()

export function mosquitto(program: 'mosquitto_sub' | 'mosquitto_pub', args: string[]): Mosquitto {
  // `stdbuf` makes the client print line by line into a pipe.
  const child = spawn('stdbuf', ['-oL', program, '-d', ...args])
  children.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (output += String(chunk)))
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(output)))
  const kill = () => {
    // Not SIGTERM: a client that reconnects at that moment forgets it and goes on.
    child.kill('SIGKILL')
    return ended
  }
  return { output: () => output, ended, kill }
}

/** Ends all clients, also after a failed test. */
export function killClients(): void {
  for (const child of children) child.kill('SIGKILL')
}

export function says(client: Mosquitto, text: string): Promise<void> {
  return eventually(() => expect(client.output()).toContain(text))
}
