/** Starts a competitor in a process of its own. Its CPU is read from outside. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Child {
  pid: number
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Starts it and waits until its port accepts connections. */
export async function startChild(command: string, args: string[], port: number): Promise<Child> {
  // stdin stays open: openssl s_server ends with it.
  const child = spawn(command, args, { stdio: ['pipe', 'ignore', 'pipe'] })
  running.add(child)
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint = (complaint + text).slice(-2_000)))
  const gone = once(child, 'exit').then(() => {
    running.delete(child)
    throw new Error(`${command} ended:\n${complaint}`)
  })
  gone.catch(() => {})
  await Promise.race([answers(port), gone])
  if (child.pid === undefined) throw new Error(`${command} did not start`)
  return {
    pid: child.pid,
    stop: async () => {
      if (!running.has(child)) return
      const exited = once(child, 'exit')
      child.kill()
      await exited
    },
  }
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch {
      await wait(50)
    } finally {
      socket.destroy()
    }
  }
  throw new Error(`Nothing answers at port ${port}`)
}
