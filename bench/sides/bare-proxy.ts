/**
 * The lower bound of an edge: `node:https` that requires a certificate and passes requests on, without any rule. Takes its port, the port
 * of the server behind it, and the files of its certificate, its key and the CA.
 */
import { readFileSync } from 'node:fs'
import { Agent, request as send } from 'node:http'
import { createServer } from 'node:https'

const [, , port, upstreamPort, cert = '', key = '', ca = ''] = process.argv
const agent = new Agent({ keepAlive: true })
const server = createServer(
  {
    cert: readFileSync(cert),
    key: readFileSync(key),
    ca: readFileSync(ca),
    requestCert: true,
    keepAliveTimeout: 75_000,
  },
  (request, response) => {
    const { method, url, headers } = request
    const to = { host: '127.0.0.1', port: upstreamPort, agent, method, path: url, headers }
    const sent = send(to, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    sent.on('error', () => response.destroy())
    request.pipe(sent)
  },
)
// As our listener: the handshakes of 2,000 devices wait here.
server.listen({ port: Number(port), host: '127.0.0.1', backlog: 4_096 })
