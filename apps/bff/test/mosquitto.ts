/** Mosquitto's clients, as anybody has them: what they print is what they saw. */
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
  // Line by line and not when it ends: `stdbuf` because a pipe is no terminal.
  const child = spawn('stdbuf', ['-oL', program, '-d', ...args])
  children.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => void (output += String(chunk)))
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(output)))
  const kill = () => {
    child.kill()
    return ended
  }
  return { output: () => output, ended, kill }
}

/** For the end of a file: none outlives a test that failed. */
export function killClients(): void {
  for (const child of children) child.kill()
}

export function says(client: Mosquitto, text: string): Promise<void> {
  return eventually(() => expect(client.output()).toContain(text))
}
