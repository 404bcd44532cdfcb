import type { session } from '@gatehouse/contract/session'
import type { Bindings } from '../http/handle.ts'
import { changePassword, describe, proveAgain, type SessionContext, signIn, signOut } from './service.ts'

/** All but `login`, which makes a token and is bound there. */
export function sessionRoutes(context: SessionContext): Omit<Bindings<typeof session>, 'login'> {
  return {
    signIn: ({ body, request }) => signIn(context, body, request),
    view: async ({ caller }) => describe(caller, context.version),
    signOut: (by) => signOut(context, by),
    prove: ({ body, ...by }) => proveAgain(context, { password: body.password, ...by }),
    changePassword: (call) => changePassword(context, call),
    passwordPolicy: async () => context.policy,
  }
}
