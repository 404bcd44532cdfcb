/** The longest turn of the event loop of a Node process, by its inspector. */
import { once } from 'node:events'
import { openInspector } from './collect-garbage.ts'

/** Begins to watch the main thread. `stop` resolves with milliseconds. */
export async function watchTurns(pid: number, port: number): Promise<{ stop(): Promise<number> }> {
  const socket = new WebSocket(await openInspector(pid, port))
  await once(socket, 'open')
  const watching = 'globalThis.benchTurns'
  const perfHooks = "process.getBuiltinModule('node:perf_hooks')"
  await evaluate(socket, `${watching} = ${perfHooks}.monitorEventLoopDelay({ resolution: 2 }); ${watching}.enable()`)
  return {
    stop: async () => {
      const nanoseconds = await evaluate(socket, `${watching}.disable(); ${watching}.max`)
      socket.close()
      return Number(nanoseconds) / 1e6
    },
  }
}

interface Answer {
  id: number
  result?: { result?: { value?: unknown }; exceptionDetails?: { text: string } }
}

async function evaluate(socket: WebSocket, expression: string): Promise<unknown> {
  const answered = once(socket, 'message')
  socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression, returnByValue: true } }))
  const [{ data }] = (await answered) as [MessageEvent<unknown>]
  const { result } = JSON.parse(String(data)) as Answer
  if (result?.exceptionDetails) throw new Error(result.exceptionDetails.text)
  return result?.result?.value
}
