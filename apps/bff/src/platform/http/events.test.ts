import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { Problem } from '../base/problem.ts'
import { sendEvents } from './events.ts'

let server: Server
afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function serve(items: () => AsyncGenerator<string>, readWithinMs = 60_000): Promise<number> {
  server = createServer((_request, response) => {
    void sendEvents(response, items(), { encode: (item) => JSON.stringify(item), readWithinMs })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

it('sends each item as an event, and a problem as the end', async () => {
  const port = await serve(async function* () {
    yield 'one'
    yield 'a\nline'
    throw new Problem('not_signed_in')
  })
  const response = await fetch(`http://127.0.0.1:${port}`)
  expect(response.headers.get('Content-Type')).toBe('text/event-stream')
  expect(await response.text()).toBe(
    'data: "one"\n\ndata: "a\\nline"\n\nevent: end\ndata: {"code":"not_signed_in"}\n\n',
  )
})

it('drops a reader that never reads, and makes nothing more for it', async () => {
  let made = 0
  const ended = Promise.withResolvers<number>()
  const port = await serve(async function* () {
    try {
      for (;;) {
        made++
        yield await Promise.resolve('x'.repeat(1_000_000))
      }
    } finally {
      ended.resolve(made)
    }
  }, 200)
  const socket = connect(port, '127.0.0.1').pause()
  socket.on('error', () => undefined)
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
  expect(await ended.promise).toBeLessThan(100)
  socket.destroy()
})

it('ends the items when the reader leaves', async () => {
  const ended = Promise.withResolvers<string>()
  const port = await serve(async function* () {
    try {
      for (;;) {
        await new Promise((resolve) => setImmediate(resolve))
        yield 'item'
      }
    } finally {
      ended.resolve('ended')
    }
  })
  const leaving = new AbortController()
  await fetch(`http://127.0.0.1:${port}`, { signal: leaving.signal })
  leaving.abort()
  expect(await ended.promise).toBe('ended')
})
