/** The entries of the palette: pages and actions, and what the server finds. Only what this user may open. */

import { roles } from '@gatehouse/contract/access/roles'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { users } from '@gatehouse/contract/identity/users'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { useDebouncedValue } from '@mantine/hooks'
import { type Icon, IconCertificate, IconCpu, IconPlugConnected, IconShield, IconUser } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type LinkProps, linkOptions } from '@tanstack/react-router'
import { roleDescription } from '../access/roles/role-description.ts'
import { accountPages } from '../account/account-pages.tsx'
import { queryFor } from '../api/queries.ts'
import { type CurrentSession, useSession } from '../api/session.ts'
import { hostAndPort } from '../brokers/listeners/host-and-port.ts'
import { listenersQuery } from '../brokers/listeners/search.ts'
import { toAuthority, toListener, toRole, toUser } from '../links.ts'
import { sectionsFor } from './navigation.tsx'
import { actions } from './palette-actions.ts'

export interface Entry {
  id: string
  icon: Icon
  label: string
  /** Distinguishes it from others with the same name. */
  aside?: string | undefined
  link: LinkProps
}

export interface Group {
  label: string
  entries: Entry[]
}

/** All entries while nothing is typed, then those that contain every typed word. */
export function placesAndActions(can: CurrentSession['can'], typed: string): Group[] {
  const pages = sectionsFor(can).flatMap((section) =>
    section.pages.map(({ label, to: path }) => ({
      id: `page ${path}`,
      icon: section.icon,
      label,
      aside: section.label === label ? undefined : section.label,
      link: linkOptions({ to: path }),
    })),
  )
  const own = accountPages
    .filter(({ calls }) => can(calls))
    .map(({ label, to: path, icon }) => ({
      id: `page ${path}`,
      icon,
      label,
      aside: t`Your account`,
      link: linkOptions({ to: path }),
    }))
  const doable = actions
    .filter(({ calls }) => can(calls))
    .map((action) => ({ ...action, id: `action ${action.label}` }))
  return [
    { label: t`Pages`, entries: [...pages, ...own].filter((entry) => hasWords(entry, typed)) },
    { label: t`Actions`, entries: doable.filter((entry) => hasWords(entry, typed)) },
  ]
}

export function hasWords({ label, aside = '' }: Pick<Entry, 'label' | 'aside'>, typed: string): boolean {
  const text = `${label} ${aside}`.toLowerCase()
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

const typingPauseMs = 150
const most = 5

/** Searches after a pause in typing; the earlier results stay until then. */
export function useFound(typed: string): { found: Group[]; isSearching: boolean } {
  const { can } = useSession()
  const [search] = useDebouncedValue(typed.trim(), typingPauseMs)
  const isWanted = search !== '' && typed.trim() !== ''
  // A result is shown only if the user may also open it.
  const asked = (list: Route, view: Route) => ({
    enabled: isWanted && can(list) && can(view),
    placeholderData: keepPreviousData,
  })
  const ofUsers = useQuery({
    ...queryFor(users.list, { search: { search, limit: most } }),
    ...asked(users.list, users.view),
  })
  const ofRoles = useQuery({
    ...queryFor(roles.list, { search: { search, limit: most } }),
    ...asked(roles.list, roles.view),
  })
  const ofAuthorities = useQuery({
    ...queryFor(authorities.list, { search: { search, limit: most } }),
    ...asked(authorities.list, authorities.view),
  })
  const ofListeners = useQuery({ ...listenersQuery, enabled: isWanted && can(listeners.list) })
  const isSearching =
    [ofUsers, ofRoles, ofAuthorities, ofListeners].some(({ isFetching }) => isFetching) || typed.trim() !== search
  if (!isWanted) return { found: [], isSearching: typed.trim() !== '' }
  const found = [
    {
      label: t`Users`,
      entries: (ofUsers.data?.items ?? []).map(({ id, username, displayName, kind }) => ({
        id: `user ${id}`,
        icon: kind === 'machine' ? IconCpu : IconUser,
        label: username,
        aside: displayName ?? undefined,
        link: toUser(id),
      })),
    },
    {
      label: t`Roles`,
      entries: (ofRoles.data?.items ?? []).map((role) => ({
        id: `role ${role.id}`,
        icon: IconShield,
        label: role.name,
        aside: roleDescription(role) ?? undefined,
        link: toRole(role.id),
      })),
    },
    {
      label: t`Authorities`,
      entries: (ofAuthorities.data?.items ?? []).map(({ fingerprint, name, organization }) => ({
        id: `authority ${fingerprint}`,
        icon: IconCertificate,
        label: name,
        aside: organization ?? undefined,
        link: toAuthority(fingerprint),
      })),
    },
    {
      label: t`Listeners`,
      entries: (ofListeners.data?.items ?? [])
        .filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()))
        .slice(0, most)
        .map(({ id, name, address, port }) => ({
          id: `listener ${id}`,
          icon: IconPlugConnected,
          label: name,
          aside: hostAndPort(address, port),
          link: toListener(id),
        })),
    },
  ]
  return { found, isSearching }
}
