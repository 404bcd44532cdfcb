import { Agent, createServer as createHttpServer, get, type Server as HttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { eventually } from '../../../test/broker-world.ts'
import { ConnectionLimiter, type ConnectionLimiterOptions, type ConnectionLimits } from './connection-limits.ts'

const limits: ConnectionLimits = {
  most: 6,
  mostUnidentified: 5,
  mostUnidentifiedPerNetwork: 3,
  firstByteWithinMs: 60_000,
}

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

interface Listening {
  limiter: ConnectionLimiter
  /** The server's sockets in the order in which they connected. */
  arrived: Socket[]
  /** Connects a client from this address. Resolves when the server has the connection. */
  from(address: string): Promise<Socket>
}

async function listen(options: Partial<ConnectionLimiterOptions>, server: Server = createServer()): Promise<Listening> {
  const limiter = new ConnectionLimiter({ limits, ...options })
  limiter.watch(server)
  const arrived: Socket[] = []
  server.on('connection', (socket) => arrived.push(socket.on('error', () => {})))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => (limiter.close(), server.close()))
  const { port } = server.address() as AddressInfo
  return {
    limiter,
    arrived,
    from: async (address) => {
      const count = arrived.length
      const client = connect({ port, host: '127.0.0.1', localAddress: address }).on('error', () => {})
      closing.push(() => client.destroy())
      await eventually(() => expect(arrived.length).toBeGreaterThan(count))
      return client
    },
  }
}

const openOf = (clients: readonly Socket[]) => clients.map((_client, at) => at).filter((at) => !clients[at]?.destroyed)

async function connectAll(server: Listening, addresses: readonly string[]): Promise<Socket[]> {
  const clients: Socket[] = []
  for (const address of addresses) clients.push((await server.from(address)).resume())
  return clients
}

it('drops the oldest silent connection of an address that exceeds its limit', async () => {
  const server = await listen({})
  const clients = await connectAll(server, ['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.2', '127.0.0.2'])
  await eventually(() => expect(openOf(clients)).toEqual([1, 2, 3, 4]))
})

it('lets an exempt address have more connections, up to the total limit', async () => {
  const server = await listen({ isExempt: (address) => address === '127.0.0.2' })
  const clients = await connectAll(server, ['127.0.0.3', ...Array<string>(5).fill('127.0.0.2')])
  await eventually(() => expect(openOf(clients)).toEqual([0, 2, 3, 4, 5]))
})

it('drops a connection of the address with the most connections when the total limit is reached', async () => {
  const server = await listen({})
  const addresses = ['127.0.0.3', '127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.4', '127.0.0.5']
  const clients = await connectAll(server, addresses)
  await eventually(() => expect(openOf(clients)).toEqual([0, 2, 3, 4, 5]))
})

it('drops a connection that has sent nothing before an older one that has sent a byte', async () => {
  const server = await listen({})
  const [first] = await connectAll(server, ['127.0.0.2'])
  first?.write('x')
  await eventually(() => expect(server.arrived[0]?.bytesRead).toBe(1))
  const others = await connectAll(server, ['127.0.0.2', '127.0.0.2', '127.0.0.2'])
  await eventually(() => expect(openOf(others)).toEqual([1, 2]))
  expect(first?.destroyed).toBe(false)
})

it('never drops an identified connection, and refuses a new one if all are identified', async () => {
  const dropped: string[] = []
  const server = await listen({ onDropped: ({ address }) => dropped.push(address) })
  const clients: Socket[] = []
  for (let n = 0; n < limits.most; n++) {
    clients.push((await server.from('127.0.0.2')).resume())
    const socket = server.arrived.at(-1)
    if (socket) server.limiter.identified(socket)
  }
  const newcomer = (await server.from('127.0.0.3')).resume()
  await eventually(() => expect(newcomer.destroyed).toBe(true))
  expect(openOf(clients)).toHaveLength(limits.most)
  expect(dropped).toEqual(['127.0.0.3'])
})

it('frees a place when a connection ends', async () => {
  const server = await listen({})
  const clients = await connectAll(server, ['127.0.0.2', '127.0.0.2', '127.0.0.2'])
  clients[1]?.destroy()
  await eventually(() => expect(server.limiter.size).toBe(2))
  const [next] = await connectAll(server, ['127.0.0.2'])
  await eventually(() => expect(server.limiter.size).toBe(3))
  expect([clients[0]?.destroyed, clients[2]?.destroyed, next?.destroyed]).toEqual([false, false, false])
})

it('closes a connection that sends nothing in time, and keeps one that has sent a byte', async () => {
  const server = await listen({ limits: { ...limits, firstByteWithinMs: 2_000 } })
  const [silent, sending] = await connectAll(server, ['127.0.0.2', '127.0.0.2'])
  sending?.write('x')
  await eventually(() => expect(silent?.destroyed).toBe(true))
  await eventually(() => expect(server.limiter.size).toBe(1))
  expect(sending?.destroyed).toBe(false)
})

it('drops a silent connection before one that waits for its next request', async () => {
  const http: HttpServer = createHttpServer((_request, response) => response.end('ok'))
  const server = await listen({}, http)
  http.on('request', ({ socket }) => server.limiter.served(socket))
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  closing.push(() => agent.destroy())
  const { port } = http.address() as AddressInfo
  const ask = () =>
    new Promise<boolean>((resolve, reject) => {
      const asking = get({ port, host: '127.0.0.1', localAddress: '127.0.0.2', agent }, (response) => {
        response.resume().once('end', () => resolve(asking.reusedSocket))
      }).once('error', reject)
    })
  await ask()
  await connectAll(server, ['127.0.0.2', '127.0.0.2', '127.0.0.2', '127.0.0.2'])
  expect(await ask()).toBe(true)
})

it('counts a connection for the address that its proxy names, also if the proxy has no limit', async () => {
  const server = await listen({ isExempt: (address) => address === '127.0.0.2' })
  const clients = await connectAll(server, ['127.0.0.2', '127.0.0.2', '127.0.0.2'])
  for (const socket of server.arrived) server.limiter.moved(socket, '192.0.2.7')
  const [fourth, ...others] = await connectAll(server, ['127.0.0.2', '127.0.0.2'])
  server.limiter.moved(server.arrived[3]!, '192.0.2.7')
  await eventually(() => expect(openOf([...clients, fourth!, ...others])).toEqual([1, 2, 3, 4]))
})
