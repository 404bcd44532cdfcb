import type { Request } from 'express'

/** Returns the token of `Authorization: Bearer …` (RFC 6750 §2.1), or null if there is none. Ignores other schemes. */
export function readBearer(request: Request): string | null {
  return /^Bearer (.+)$/i.exec(request.get('Authorization') ?? '')?.[1]?.trim() ?? null
}
