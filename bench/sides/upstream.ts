/** What is behind the edge and behind the bare proxy: a server that answers from memory. Takes a port. */
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { largeBytes } from '../load/transfers.ts'

const small = JSON.stringify({
  temperature: 21.5,
  unit: 'degrees Celsius',
  at: '2026-11-29T12:00:00.000Z',
  of: 'press 1',
})
const chunk = Buffer.alloc(256 * 1_024, 'x')

const server = createServer((request, response) => {
  if (request.url === '/large') void sendLarge(response)
  else request.resume().on('end', () => sendSmall(response))
})
// Sends back what comes over an upgraded connection.
server.on('upgrade', (_request, socket) => {
  socket.on('error', () => {}) // the other side may reset it
  socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
  socket.pipe(socket)
})
server.listen(Number(process.argv[2]), '127.0.0.1')

function sendSmall(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': small.length })
  response.end(small)
}

async function sendLarge(response: ServerResponse): Promise<void> {
  const closed = once(response, 'close')
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': largeBytes })
  for (let sent = 0; sent < largeBytes && !response.destroyed; sent += chunk.length) {
    if (!response.write(chunk)) await Promise.race([once(response, 'drain'), closed])
  }
  response.end()
}
