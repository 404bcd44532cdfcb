/** What a handler knows about the request besides its input. */
import type { Permission } from '@gatehouse/contract/access/permission'
import type { ExportFormat, Stage } from '@gatehouse/contract/route'

/** Who calls. Made anew for each request, so that what was taken away a moment ago is gone. */
export interface Caller {
  userId: string
  username: string
  displayName: string | null
  roleNames: string[]
  stage: Stage
  /** All of them, through roles and individually; for a token only what it was narrowed to. */
  permissions: Permission[]
  via: 'session' | 'token'
  /** The session, when the browser's cookie says who calls. */
  sessionId: string | null
  /** Has a second factor. */
  hasFactor: boolean
  /** What the user should know at once. */
  notice: 'mfa-reset' | null
  /** Proved the password (or the code) within the last ten minutes; a token always did. */
  hasRecentProof: boolean
}

export interface RequestInfo {
  id: string
  address: string
  userAgent: string | null
  /** The versions that the caller has seen; null: any. */
  ifMatch: readonly number[] | null
  /** What kind of file is preferred to JSON, on routes that have it. */
  exportAs: ExportFormat | null
  /** What the browser's cookie says, whether it is worth anything or not. */
  sessionSecret: string | null
  /** What the browser's device cookie says, whether it is worth anything or not. */
  devices: readonly string[]
  /** Keeps a device cookie. */
  isBrowser: boolean
  setSession(secret: string): void
  setDevices(secrets: readonly string[]): void
  clearSession(): void
}

/** The caller of a change and the request that it came with. */
export interface By {
  caller: Caller
  request: RequestInfo
}

/** Who did it and from where: what the audit wants to know. */
export interface Actor {
  userId: string | null
  username: string | null
  via: 'session' | 'token' | 'sign-in' | 'machine' | 'system'
  address: string | null
}

export function actorOf(caller: Caller, request: RequestInfo): Actor {
  return { userId: caller.userId, username: caller.username, via: caller.via, address: request.address }
}
