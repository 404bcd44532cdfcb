/** Express answering with the same bytes from memory. Takes a port, and a file with the answer. */
import { readFileSync } from 'node:fs'
import express from 'express'

const [, , port, file = ''] = process.argv
const answer = readFileSync(file)
const app = express()
app.get('/api/users', (_request, response) => void response.type('json').send(answer))
app.listen(Number(port), '127.0.0.1')
