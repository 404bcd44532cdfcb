/**
 * What one Mosquitto shall enforce, compiled from the facts of the console. Pure: no socket, no file, no SQL. The adapter on the
 * same machine and the agent apply it with `enforcer.ts`.
 */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { DecisionUser } from '../../access/decision/facts.ts'
import { hasGrant, requiresGrant } from '../../access/decision/password-rules.ts'
import { compileAcls, type DynsecAcl, isKept } from './acls.ts'
import type { PasswordTag } from './password-tag.ts'

/** A file of `capath`: one certificate under the name that OpenSSL looks up. */
export interface DesiredAuthority {
  /** `<subject hash>.<number>`. `trust-files.ts` takes another number where a foreign file has this one. */
  fileName: string
  pem: string
}

/** A user who has rights on this Mosquitto. Its only role is `u:<username>`. */
export interface DynsecClient {
  username: string
  acls: DynsecAcl[]
  /** Names the password that counts now, without saying anything about it. Null: no password may be used. */
  passwordTag: PasswordTag | null
}

export interface DesiredState {
  /** The change of the log up to which this state was read. */
  sequence: number
  authorities: DesiredAuthority[]
  /** PEM. At most one for each authority, and always that of the built-in authority, so that the file is never empty. */
  crls: string[]
  clients: DynsecClient[]
}

/** How clients identify themselves at the listeners of one Mosquitto. */
export interface Accepts {
  /** A listener with `require_certificate` and `use_identity_as_username`. */
  certificate: boolean
  password: boolean
  /**
   * Give rights to users who have only the password grant although there is a listener for certificates. Mosquitto cannot refuse
   * their certificates: any trusted CA could name such a user.
   */
  passwordOnly: boolean
}

/** Why a user with MQTT permissions has no rights on this Mosquitto. */
export type LeftOut = 'both_required' | 'password_only' | 'certificate_only' | 'certificate_revoked'

/** Null: the user has no rights on any broker. */
export type CompiledClient = { client: DynsecClient; ruledOut: Permission[] } | { leftOut: LeftOut } | null

/** `revokedNames`: users with a revoked certificate that this Mosquitto cannot refuse, because its CA publishes no CRL with it. */
export function compileClient(
  user: DecisionUser,
  {
    accepts,
    revokedNames,
    tagOf,
  }: {
    accepts: Accepts
    revokedNames: ReadonlySet<string>
    tagOf(credential: string): PasswordTag
  },
): CompiledClient {
  if (user.disabledAt !== null || user.mqttPermissions.length === 0) return null
  const methods = methodsOf(user)
  if (!methods)
    return requiresGrant(user, 'password') && requiresGrant(user, 'certificate') ? { leftOut: 'both_required' } : null
  const leftOut = leaveOut(methods, accepts)
  if (leftOut) return { leftOut }
  if (accepts.certificate && revokedNames.has(user.username)) return { leftOut: 'certificate_revoked' }
  const isPasswordUsed = methods.password && accepts.password && user.credential !== null
  return {
    client: {
      username: user.username,
      acls: compileAcls(user.mqttPermissions),
      passwordTag: isPasswordUsed && user.credential !== null ? tagOf(user.credential) : null,
    },
    ruledOut: user.mqttPermissions.filter((permission) => !isKept(permission)),
  }
}

/** The methods of which one alone is enough for the user. Null: none is. */
function methodsOf(user: DecisionUser): { certificate: boolean; password: boolean } | null {
  const certificate = hasGrant(user, 'certificate') && !requiresGrant(user, 'password')
  const password = hasGrant(user, 'password') && !requiresGrant(user, 'certificate')
  return certificate || password ? { certificate, password } : null
}

/**
 * On a listener with `use_identity_as_username` Mosquitto checks neither the password nor whether the client is disabled. So a
 * user for whom a certificate alone is not enough gets no rights where certificates are accepted.
 */
function leaveOut(methods: { certificate: boolean; password: boolean }, accepts: Accepts): LeftOut | null {
  if (methods.certificate && accepts.certificate) return null
  if (!methods.password || !accepts.password) return methods.certificate ? 'certificate_only' : 'password_only'
  return accepts.certificate && !accepts.passwordOnly ? 'password_only' : null
}
