import type { Request } from 'express'

/** The token of `Authorization: Bearer …` (RFC 6750 §2.1); null where there is none. Other schemes say nothing here. */
export function readBearer(request: Request): string | null {
  return /^Bearer (.+)$/i.exec(request.get('Authorization') ?? '')?.[1]?.trim() ?? null
}
