/** Where the one who looks at a refusal can do something about it. */
import { audit } from '@gatehouse/contract/audit'
import { authorities } from '@gatehouse/contract/authorities'
import { broker, type Decision, type RefusalReason } from '@gatehouse/contract/broker'
import type { Route } from '@gatehouse/contract/route'
import { users } from '@gatehouse/contract/users'
import type { LinkProps } from '@tanstack/react-router'

export interface Fix {
  label: string
  link: LinkProps
  /** What one must be allowed to call for it to help. */
  needs: Route
}

type Place = 'user' | 'new user' | 'upload' | 'authority' | 'authorities' | 'connections' | 'history'

/** The others are mended at the device, or at whoever made its certificate. */
const places: Partial<Record<RefusalReason, Place>> = {
  empty_trust_store: 'upload',
  unknown_authority: 'upload',
  authority_expired: 'authorities',
  bad_signature: 'authorities',
  authority_limit: 'authority',
  wrong_credentials: 'user',
  unknown_user: 'new user',
  disabled: 'user',
  no_certificate_grant: 'user',
  no_password_grant: 'user',
  required_grant_missing: 'user',
  too_many_connections: 'connections',
  subscribe_refused: 'user',
  publish_refused: 'user',
  will_refused: 'user',
  withdrawn: 'history',
}

export function fixFor(decision: Decision): Fix | null {
  const place = decision.reason === null ? undefined : places[decision.reason]
  return place ? fixes[place](decision) : null
}

const fixes: Record<Place, (decision: Decision) => Fix | null> = {
  user: ({ userId, username }) =>
    userId === null
      ? null
      : { label: `Edit ${username ?? 'the user'}`, link: to('/users', { edit: userId }), needs: users.view },
  'new user': ({ username }) =>
    username === null
      ? null
      : { label: `Add ${username}`, link: to('/users', { create: username }), needs: users.create },
  upload: () => ({ label: 'Upload CA', link: to('/authorities', { upload: '' }), needs: authorities.create }),
  authority: ({ certificate }) => ({
    label: 'Open the authority',
    link: to('/authorities', certificate?.authority ? { view: certificate.authority } : {}),
    needs: authorities.view,
  }),
  authorities: () => ({
    label: 'Authorities',
    link: to('/authorities', { sort: 'notAfter' }),
    needs: authorities.list,
  }),
  connections: () => ({ label: 'Connections', link: to('/broker/connections', {}), needs: broker.connections }),
  // It may have been the user, a role or an authority: whatever it was stands on top of what was done until then.
  history: ({ at }) => ({
    label: 'What changed',
    link: to('/audit', { until: new Date(Date.parse(at) + 1_000).toISOString() }),
    needs: audit.list,
  }),
}

function to(path: string, search: Record<string, string>): LinkProps {
  return { to: path, search } as LinkProps
}
