import type { session } from '@gatehouse/contract/identity/sign-in'
import type { Bindings } from '../../platform/http/handle.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { changePassword } from '../passwords/own-password.ts'
import { listEnabled } from '../providers/store.ts'
import { describe } from './identify.ts'
import { proveAgain, proveFactor, signIn } from './service.ts'
import type { SignInContext } from './sign-in.ts'

/** All routes except `login`, which makes a token and is in `tokens`, and `signOut`, which is in `single-sign-on`. */
export function sessionRoutes(context: SignInContext): Omit<Bindings<typeof session>, 'login' | 'signOut'> {
  return {
    signIn: ({ body, request }) => signIn(context, body, request),
    secondFactor: ({ body, ...by }) => proveFactor(context, { proof: body, ...by }),
    view: async ({ caller }) => describe(caller, context.version),
    prove: ({ body, ...by }) => proveAgain(context, { proof: body, ...by }),
    changePassword: (call) => changePassword(context, call),
    providers: async () => {
      const all = await listEnabled(context.reader, 'oidc')
      const { signIn: policy } = await readPolicies(context.reader)
      return {
        providers: all.map(({ name, kind, label }) => ({ name, kind, label })),
        passwordSignIn: !policy.passwordsOfAdministratorsOnly,
      }
    },
    passwordPolicy: async () => (await readPolicies(context.reader)).password,
  }
}
