import { describe, expect, it } from 'vitest'
import { readPostgresUrl } from './postgres-url.ts'

const read = (url: string) => readPostgresUrl(url)

describe('the address of a PostgreSQL server', () => {
  it('is parsed into its parts, with any characters in them', () => {
    expect(read('postgres://gate%40house:p%3Aa%2Fs%25s@db.example:6432/gate%20house?sslmode=disable')).toEqual({
      host: 'db.example',
      port: 6432,
      user: 'gate@house',
      password: 'p:a/s%s',
      database: 'gate house',
      ssl: false,
    })
    expect(read('postgresql://[::1]/gatehouse')).toMatchObject({ host: '::1', port: 5432, user: undefined, ssl: false })
  })

  it.each([
    'postgres://gatehouse@localhost/gatehouse?host=/run/postgresql',
    'postgres://gatehouse@/gatehouse?host=/run/postgresql',
    'postgres://gatehouse@%2Frun%2Fpostgresql/gatehouse',
  ])('may name a socket: %s', (url) => {
    expect(read(url)).toMatchObject({ host: '/run/postgresql', database: 'gatehouse', ssl: false })
  })

  it.each([
    '',
    'nonsense',
    'mysql://a:secret@db/x',
    'postgres://a:secret@db',
    'postgres://a:secret@db/',
    'postgres://a:secret@db:0x50/x',
    'postgres://a:%zzsecret@db/x',
    'postgres://a:secret@db/x?sslmod=disable',
    'postgres://a:secret@db/x?sslmode=prefer',
    'postgres://a:secret@db/x?sslmode=allow',
    'postgres://a:secret@db/x?sslmode=verify-ca',
    'postgres://a:secret@db/x?sslcert=/etc/hostname',
    'postgres://a:secret@db/x?sslrootcert=/no/such',
  ])('is refused in one line that repeats none of it: %s', (url) => {
    const reading = () => read(url)
    expect(reading).toThrow(/^GATEHOUSE_DATABASE_URL: [^\n]+$/)
    expect(reading).not.toThrow(/secret|db\/x/)
  })
})

describe('the connection', () => {
  it('is encrypted with the name verified, unless the server is on this machine', () => {
    expect(read('postgres://db.example/x').ssl).toEqual({})
    expect(read('postgres://10.0.0.7/x').ssl).toEqual({})
    expect(read('postgres://127.0.0.1/x').ssl).toBe(false)
    expect(read('postgres://localhost/x?sslmode=verify-full').ssl).toEqual({})
  })

  it('is weaker only if the address says so', () => {
    expect(read('postgres://db/x?sslmode=disable').ssl).toBe(false)
    expect(read('postgres://db/x?sslmode=require').ssl).toMatchObject({ rejectUnauthorized: false })
    const own = read('postgres://db/x?sslmode=require&sslrootcert=/etc/hostname').ssl
    expect(own).toMatchObject({ ca: expect.any(String), checkServerIdentity: expect.any(Function) })
    expect(own).not.toHaveProperty('rejectUnauthorized')
  })
})
