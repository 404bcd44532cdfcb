/** What a handler knows about the request besides its input. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { ExportFormat, Stage } from '@gatehouse/contract/route'

/** The caller, computed for each request, so that a revoked right has no effect at once. */
export interface Caller {
  userId: string
  username: string
  displayName: string | null
  /** Where the user comes from: `local`, `ldap:<name>` or `oidc:<name>`. */
  identityProvider: string
  roleNames: string[]
  stage: Stage
  /** All permissions, from roles and individual ones. For a token, only those that it was limited to. */
  permissions: Permission[]
  via: 'session' | 'token'
  /** The session, if the caller used the browser's cookie. */
  sessionId: string | null
  /** The user has a second factor. */
  hasFactor: boolean
  /** Notices for the user. */
  notice: 'mfa-reset' | null
  /** Proved the password (or the code) within the last ten minutes. Always true for a token. */
  hasRecentProof: boolean
  /** The OpenID provider that the session began at. */
  provider: { name: string; label: string } | null
  /** When the session ends, in seconds: unused, and in any case. Null for a token. */
  lifetime: { idleSeconds: number; remainingSeconds: number } | null
}

export interface RequestInfo {
  id: string
  address: string
  userAgent: string | null
  /** The versions that the caller has seen. Null: any. */
  ifMatch: readonly number[] | null
  /** The file format that the caller prefers to JSON, on routes that offer one. */
  exportAs: ExportFormat | null
  /** The value of the session cookie, not verified. */
  sessionSecret: string | null
  /** The secrets of the device cookie, not verified. */
  devices: readonly string[]
  /** Sets a device cookie. */
  isBrowser: boolean
  setSession(secret: string): void
  setDevices(secrets: readonly string[]): void
  clearSession(): void
  /** Checks the access rule again, for an answer that takes long. Throws if the caller may no longer call the route. */
  renewCaller(): Promise<Caller>
}

/** The caller of a change, and its request. */
export interface By {
  caller: Caller
  request: RequestInfo
}

/** Who did it and from where, for the audit. */
export interface Actor {
  userId: string | null
  username: string | null
  via: 'session' | 'token' | 'sign-in' | 'machine' | 'system'
  address: string | null
}

export function actorOf(caller: Caller, request: RequestInfo): Actor {
  return { userId: caller.userId, username: caller.username, via: caller.via, address: request.address }
}
