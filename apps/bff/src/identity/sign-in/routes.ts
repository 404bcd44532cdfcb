import type { session } from '@gatehouse/contract/identity/sign-in'
import type { Bindings } from '../../platform/http/handle.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { changePassword } from '../passwords/own-password.ts'
import { describe } from './identify.ts'
import { proveAgain, proveFactor, signIn } from './service.ts'
import type { SignInContext } from './sign-in.ts'
import { readSignInOptions } from './sign-in-options.ts'

/** All routes except `login`, which makes a token and is in `tokens`, and `signOut`, which is in `single-sign-on`. */
export function sessionRoutes(context: SignInContext): Omit<Bindings<typeof session>, 'login' | 'signOut'> {
  return {
    signIn: ({ body, request }) => signIn(context, body, request),
    secondFactor: ({ body, ...by }) => proveFactor(context, { proof: body, ...by }),
    view: async ({ caller }) => describe(caller, context.version),
    prove: ({ body, ...by }) => proveAgain(context, { proof: body, ...by }),
    changePassword: (call) => changePassword(context, call),
    providers: () => readSignInOptions(context.reader),
    passwordPolicy: async () => (await readPolicies(context.reader)).password,
  }
}
