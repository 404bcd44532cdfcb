import type { ErrorCode, FieldCode } from '@gatehouse/contract/errors'
import { createYielder } from '@gatehouse/pki/read/yielder'
import { Problem } from '../../platform/base/problem.ts'

/**
 * Judges each user, in slices. One refusal names all bad ones by index, such as `users.3.roles.0`. Its code is that of the
 * first one.
 */
export async function judgeEach<T>(users: readonly T[], judge: (user: T, at: number) => void): Promise<void> {
  const yieldIfDue = createYielder()
  const fields: Record<string, FieldCode> = {}
  let first: ErrorCode | null = null
  for (const [at, user] of users.entries()) {
    await yieldIfDue()
    const refusal = refusalBy(() => judge(user, at))
    if (!refusal) continue
    first ??= refusal.code
    for (const [path, code] of Object.entries(refusal.details.fields ?? {})) fields[`users.${at}.${path}`] = code
  }
  if (first) throw new Problem(first, { fields })
}

function refusalBy(judge: () => void): Problem | null {
  try {
    judge()
    return null
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
}
