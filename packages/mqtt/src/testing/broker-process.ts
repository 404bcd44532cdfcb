/** A broker in a process of its own, to be killed by a test: `node broker-process.ts FOLDER`. It prints its port. */
import { createServer } from 'node:net'
import { Engine } from '../engine.ts'
import { openLogStore } from '../log-store.ts'
import { listen, openPolicy } from './world.ts'

const store = await openLogStore(process.argv[2] ?? '')
const engine = await Engine.start({ policy: openPolicy, store })
const server = createServer((socket) => {
  socket.setNoDelay(true)
  engine.accept(socket)
})
process.stdout.write(`${await listen(server)}\n`)
