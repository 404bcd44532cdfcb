/** A real OpenID provider in a process of its own, on another site than the console. Its persons sign in without a form. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { end } from './outside.ts'

const root = resolve(import.meta.dirname, '../..')

interface Facts {
  issuer: string
  clientId: string
  clientSecret: string
}

export interface OpenIdProvider extends Facts {
  register(appUrl: string, name: string): Promise<void>
  /** The person who signs in next. */
  be(id: string, claims: Record<string, unknown>): Promise<void>
  /** The next person cancels. */
  cancel(): Promise<void>
  rotateKeys(): Promise<void>
  stop(): Promise<void>
}

export async function startOpenIdProvider(): Promise<OpenIdProvider> {
  const child = fork(join(root, 'apps/bff/test/openid-provider-process.ts'), {
    execPath: join(root, 'node_modules/node/bin/node'),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [facts] = (await once(child, 'message')) as [Facts]
  const ask = async (message: object | string) => {
    const answered = once(child, 'message')
    child.send(message)
    await answered
  }
  return {
    ...facts,
    register: (appUrl, name) => ask({ client: { appUrl, name } }),
    be: (id, claims) => ask({ person: { id, claims: { preferred_username: id, roles: [], ...claims } } }),
    cancel: () => ask({ person: null }),
    rotateKeys: () => ask('rotate'),
    stop: () => end(child),
  }
}
