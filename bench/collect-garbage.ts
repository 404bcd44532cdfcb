/**
 * Makes the threads of a Node process collect their garbage, by its inspector. What V8 keeps in reserve for new objects does not
 * depend on the number of connections, and would be counted as theirs.
 */
import { setTimeout as wait } from 'node:timers/promises'

interface Message {
  id?: number
  method?: string
  params?: { sessionId?: string; message?: string }
}

/** The second collection finds what the first has only prepared. */
const collections = 2
const timeoutMs = 20_000

/** `port`: the inspector's, which the process got by `--inspect-port`. It is opened by SIGUSR1 if it is not open yet. */
export async function collectGarbage(pid: number, port: number): Promise<void> {
  const socket = new WebSocket(await openInspector(pid, port))
  const session = new Session(socket)
  await session.opened
  for (let done = 0; done < collections; done++) {
    await session.call('HeapProfiler.collectGarbage')
    for (const thread of await session.threads()) await session.callIn(thread, 'HeapProfiler.collectGarbage')
  }
  socket.close()
}

/** The address of the inspector. */
export async function openInspector(pid: number, port: number): Promise<string> {
  for (let tries = 0; tries < timeoutMs / 100; tries++) {
    try {
      const list = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        webSocketDebuggerUrl: string
      }[]
      if (list[0]) return list[0].webSocketDebuggerUrl
    } catch {
      process.kill(pid, 'SIGUSR1')
    }
    await wait(100)
  }
  throw new Error('The inspector of the process did not answer')
}

/** The Chrome DevTools Protocol, with the threads of Node (`NodeWorker`). */
class Session {
  readonly opened: Promise<void>
  readonly #socket: WebSocket
  readonly #waiting = new Map<number, () => void>()
  readonly #threads = new Set<string>()
  #lastId = 0

  constructor(socket: WebSocket) {
    this.#socket = socket
    this.opened = new Promise((resolve) => socket.addEventListener('open', () => resolve()))
    socket.addEventListener('message', ({ data }) => this.#receive(JSON.parse(String(data)) as Message))
  }

  call(method: string, params: object = {}): Promise<void> {
    const id = ++this.#lastId
    this.#socket.send(JSON.stringify({ id, method, params }))
    return this.#answerTo(id)
  }

  async callIn(sessionId: string, method: string): Promise<void> {
    const id = ++this.#lastId
    const answered = this.#answerTo(id)
    const message = JSON.stringify({ id, method })
    await Promise.all([answered, this.call('NodeWorker.sendMessageToWorker', { sessionId, message })])
  }

  async threads(): Promise<readonly string[]> {
    if (this.#threads.size === 0) await this.call('NodeWorker.enable', { waitForDebuggerOnStart: false })
    return [...this.#threads]
  }

  #answerTo(id: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('The inspector did not answer')), timeoutMs)
      this.#waiting.set(id, () => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  #receive({ id, method, params }: Message): void {
    if (method === 'NodeWorker.attachedToWorker' && params?.sessionId) this.#threads.add(params.sessionId)
    if (method === 'NodeWorker.receivedMessageFromWorker') this.#receive(JSON.parse(params?.message ?? '{}') as Message)
    if (id !== undefined) this.#waiting.get(id)?.()
  }
}
