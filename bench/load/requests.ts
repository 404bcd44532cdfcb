/** Sends GET requests on sockets that stay open, one after the other on each. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

export interface Request {
  url: URL
  headers?: Record<string, string>
}

/** Sends `count` of them on `connections` sockets. An answer other than 200 is an error. */
export async function requestRepeatedly(request: Request, count: number, connections: number): Promise<void> {
  const bytes = write(request)
  let started = 0
  async function oneAfterTheOther(): Promise<void> {
    const socket = connect(Number(request.url.port), request.url.hostname)
    await once(socket, 'connect')
    while (started < count) {
      started++
      await exchange(socket, bytes)
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, oneAfterTheOther))
}

/** Milliseconds of each of `count` requests on one socket. The time of `before` is not included. */
export async function latencies(
  request: Request,
  count: number,
  before: () => Promise<unknown> = async () => {},
): Promise<number[]> {
  const bytes = write(request)
  const socket = connect(Number(request.url.port), request.url.hostname)
  await once(socket, 'connect')
  const measured: number[] = []
  for (let sent = 0; sent < count; sent++) {
    await before()
    const startedAt = performance.now()
    await exchange(socket, bytes)
    measured.push(performance.now() - startedAt)
  }
  socket.destroy()
  return measured
}

function write({ url, headers = {} }: Request): Buffer {
  const lines = Object.entries({ Host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.from(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join('')}\r\n`)
}

/** Reads one answer with a Content-Length. Neither side sends chunks here. */
export function exchange(socket: Socket, request: Buffer): Promise<void> {
  return new Promise((done, fail) => {
    let received: Buffer = Buffer.alloc(0)
    const end = (error?: Error) => {
      socket.off('data', onData).off('close', onClose)
      if (error) fail(error)
      else done()
    }
    const onClose = () => end(new Error('The server closed the connection'))
    const onData = (data: Buffer) => {
      received = received.length === 0 ? data : Buffer.concat([received, data])
      const headEnd = received.indexOf('\r\n\r\n')
      if (headEnd < 0) return
      const head = received.subarray(0, headEnd).toString('latin1')
      if (!head.startsWith('HTTP/1.1 200')) return end(new Error(head.slice(0, head.indexOf('\r\n'))))
      const length = /^content-length: (\d+)$/im.exec(head)?.[1]
      if (length === undefined) return end(new Error('An answer without a length'))
      if (received.length >= headEnd + 4 + Number(length)) end()
    }
    socket.on('data', onData).once('close', onClose)
    socket.write(request)
  })
}
