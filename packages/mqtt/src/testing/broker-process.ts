/** A broker in a process of its own, to be killed by a test: `node broker-process.ts FILE`. It prints its port. */
import { createServer } from 'node:net'
import { Engine } from '../engine.ts'
import { openSqliteStore } from '../sqlite-store.ts'
import { listen, openPolicy } from './world.ts'

const [, , file = ''] = process.argv
const store = await openSqliteStore(file)
const engine = await Engine.start({ policy: openPolicy, store })
const server = createServer((socket) => {
  socket.setNoDelay(true)
  engine.accept(socket)
})
process.stdout.write(`${await listen(server)}\n`)
