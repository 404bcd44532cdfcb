import fs from 'node:fs'
import net from 'node:net'
import tls from 'node:tls'
import { Aedes } from 'aedes'

const aedes = await Aedes.createBroker({
  authenticate: (c, u, p, cb) =>
    u === 'bad' ? cb(Object.assign(new Error('x'), { returnCode: 5 }), false) : cb(null, true),
  authorizeSubscribe: (c, s, cb) => cb(null, s.topic.startsWith('line-4') ? null : s),
})
const socks = new Set<net.Socket>()
const h = (s) => {
  socks.add(s)
  aedes.handle(s)
}
tls
  .createServer(
    {
      key: fs.readFileSync('/tmp/o/s.key'),
      cert: fs.readFileSync('/tmp/o/s.pem'),
      requestCert: true,
      rejectUnauthorized: false,
      ca: [],
    },
    (s) => {
      if (!s.getPeerX509Certificate() && process.env.REQ) s.destroy()
      else h(s)
    },
  )
  .listen(28883)
net.createServer(h).listen(21883)
process.stdin.on('data', () => {
  console.log('kick', Date.now())
  for (const s of socks) s.destroy()
  socks.clear()
})
console.log('up')
