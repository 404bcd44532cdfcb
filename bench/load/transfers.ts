/** Requests of a device with small and large bodies, on connections that stay open. The server behind is `sides/upstream.ts`. */
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { exchange } from './requests.ts'

/** In one body. */
export const largeBytes = 64 * 1_024 * 1_024
const chunk = Buffer.alloc(256 * 1_024, 'x')

function head(method: string, path: string, length?: number): Buffer {
  const framing = length === undefined ? '' : `Content-Length: ${length}\r\n`
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: edge.example\r\nUser-Agent: bench\r\nAccept: */*\r\n${framing}\r\n`,
  )
}

export const smallRequest = head('GET', '/small')

/** Sends `count` requests in all, on each socket one after the other. */
export async function sendSmall(sockets: readonly Socket[], count: number): Promise<void> {
  let started = 0
  async function oneAfterTheOther(socket: Socket): Promise<void> {
    while (started < count) {
      started++
      await exchange(socket, smallRequest)
    }
  }
  await Promise.all(sockets.map(oneAfterTheOther))
}

/** Receives `times` large bodies. Counts bytes only: the client must not slow the server. */
export async function download(socket: Socket, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const received = readAnswer(socket)
    socket.write(head('GET', '/large'))
    const bytes = await received
    if (bytes < largeBytes) throw new Error(`The answer has ${bytes} bytes`)
  }
}

/** Sends `times` large bodies. */
export async function upload(socket: Socket, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    const received = readAnswer(socket)
    socket.write(head('POST', '/taken', largeBytes))
    for (let sent = 0; sent < largeBytes; sent += chunk.length) {
      if (!socket.write(chunk)) await once(socket, 'drain')
    }
    await received
  }
}

/** Upgrades the connection, and then sends as much as the other side takes, and reads all that comes back. Never resolves. */
export async function sendUpgraded(socket: Socket): Promise<void> {
  socket
    .resume()
    .write('GET /upgraded HTTP/1.1\r\nHost: edge.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  for (;;) if (!socket.write(chunk)) await once(socket, 'drain')
}

/** Returns the bytes of the body. */
function readAnswer(socket: Socket): Promise<number> {
  return new Promise((done, fail) => {
    let first = Buffer.alloc(0)
    let missing = Number.NaN
    let length = 0
    const end = (error?: Error) => {
      socket.off('data', onData).off('close', onClose)
      if (error) fail(error)
      else done(length)
    }
    const onClose = () => end(new Error('The server closed the connection'))
    const onData = (data: Buffer) => {
      if (Number.isNaN(missing)) {
        first = Buffer.concat([first, data])
        const headEnd = first.indexOf('\r\n\r\n')
        if (headEnd < 0) return
        const text = first.subarray(0, headEnd).toString('latin1')
        length = Number(/^content-length: (\d+)$/im.exec(text)?.[1])
        if (!text.startsWith('HTTP/1.1 200') || Number.isNaN(length)) return end(new Error(text))
        missing = length - (first.length - headEnd - 4)
      } else missing -= data.length
      if (missing <= 0) end()
    }
    socket.on('data', onData).once('close', onClose)
  })
}
