/** A broker in a process of its own, to be killed by a test: `node broker-process.ts log|sqlite FOLDER`. It prints its port. */
import { createServer } from 'node:net'
import { Engine } from '../engine.ts'
import { stores } from './stores.ts'
import { listen, openPolicy } from './world.ts'

const [, , name = '', folder = ''] = process.argv
const store = await stores[name === 'sqlite' ? 'sqlite' : 'log'](folder)
const engine = await Engine.start({ policy: openPolicy, store })
const server = createServer((socket) => {
  socket.setNoDelay(true)
  engine.accept(socket)
})
process.stdout.write(`${await listen(server)}\n`)
