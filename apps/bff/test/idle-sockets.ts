/**
 * Opens many connections and leaves them idle. A process of its own, because both ends of 10,000 connections do not fit below
 * the limit of open files of one. It ends with its parent's pipe, and after a minute in any case.
 */
import { connect } from 'node:net'

const [port = '', count = ''] = process.argv.slice(2)
/** Together they have more than one address may have. */
const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
const atOnce = 250
let settled = 0
let begun = 0

function open(): void {
  if (begun >= Number(count)) return
  const localAddress = addresses[begun++ % addresses.length] ?? ''
  const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress })
  let isSettled = false
  const settle = () => {
    if (isSettled) return
    isSettled = true
    settled++
    if (settled === Number(count)) process.stdout.write('opened\n')
    open()
  }
  socket.once('connect', settle).once('close', settle)
  // Refused, or closed by the server: that is what the test is about.
  socket.on('error', () => {})
  socket.resume()
}

for (let n = 0; n < atOnce; n++) open()
process.stdin.resume().once('close', () => process.exit(0))
setTimeout(() => process.exit(0), 60_000)
