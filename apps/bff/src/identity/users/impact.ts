import type { Permission } from '@gatehouse/contract/access/permission'
import type { User, UserImpact, users } from '@gatehouse/contract/identity/users'
import type { Parsed } from '@gatehouse/contract/route'
import type { UserFacts } from '../../access/decision/facts.ts'
import { mqttRightsOf } from '../../access/permissions/mqtt-rights.ts'
import { findRoles } from '../../access/roles/store.ts'
import { later, timestamp } from '../../platform/base/clock.ts'
import { Problem } from '../../platform/base/problem.ts'
import type { Db } from '../../platform/db/open.ts'
import { readPolicies } from '../../platform/policies/store.ts'
import { maySignIn } from '../sign-in/may-sign-in.ts'
import { countOpenSessions } from '../sign-in/store.ts'
import { countWorkingTokens } from '../tokens/store.ts'
import { applied, tokensEndedBy } from './change.ts'
import type { ForeseenUser, UserEnforcers, UsersContext } from './context.ts'
import { findUser } from './store.ts'

export interface ImpactContext extends Pick<UsersContext, 'reader' | 'clock'> {
  enforcers: Pick<UserEnforcers, 'impactOnUsers'>
}

type GivenChange = Parsed<typeof users.impact>['body']

/** Previews how many connections, sessions and tokens a change or a deletion would end. */
export async function previewImpact(context: ImpactContext, id: string, change: GivenChange): Promise<UserImpact> {
  const { foreseen, ...ended } = await foresee(context, id, change)
  return { ...(await context.enforcers.impactOnUsers([foreseen])), ...ended }
}

/** The user after the change, and the sessions and tokens that it ends. */
export async function foresee(
  { reader, clock }: Omit<ImpactContext, 'enforcers'>,
  id: string,
  change: GivenChange,
): Promise<Pick<UserImpact, 'sessions' | 'tokens'> & { foreseen: ForeseenUser }> {
  const user = await findUser(reader, id)
  if (!user) throw new Problem('not_found')
  const after = 'delete' in change ? null : applied(user, change, timestamp(clock))
  const { session } = await readPolicies(reader)
  const seenSince = later(clock.now(), -session.idleMinutes * 60_000)
  const now = timestamp(clock)
  const sessions = await countOpenSessions(reader, { userId: id, now, seenSince })
  const tokens = await countWorkingTokens(reader, id, now)
  return {
    foreseen: { userId: id, facts: after && (await factsOf(reader, after)) },
    sessions: after && maySignIn(after) ? 0 : sessions,
    tokens: tokensThatEnd(tokens, after && tokensEndedBy({ before: user, after }, endTokensOf(change))),
  }
}

function endTokensOf(change: GivenChange): boolean | undefined {
  return 'delete' in change ? undefined : change.endTokens
}

/** `ending` is null if the user is deleted. */
function tokensThatEnd(
  { all, ofPassword }: { all: number; ofPassword: number },
  ending: ReturnType<typeof tokensEndedBy> | null,
): number {
  if (ending === 'none') return 0
  return ending === 'of-password' ? ofPassword : all
}

async function factsOf(reader: Db, user: User): Promise<UserFacts> {
  const roles = await findRoles(reader, user.roles)
  return factsWith(
    user,
    roles.flatMap((role) => role.permissions),
  )
}

/** `ofRoles`: the permissions of all roles of the user. */
export function factsWith(user: User, ofRoles: readonly Permission[]): UserFacts {
  const rights = [...ofRoles, ...user.permissions]
  return {
    id: user.id,
    username: user.username,
    disabledAt: user.disabledAt,
    grants: user.grantTypes,
    mqttPermissions: mqttRightsOf(rights),
    permissions: rights,
    mqttPublishPrefix: user.mqttPublishPrefix,
  }
}
