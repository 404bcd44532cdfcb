/** The navigation. A page is one entry here and one in `routes.tsx`. Pages that the user may not read are left out. */

import { permissions } from '@gatehouse/contract/access/permissions'
import { roles } from '@gatehouse/contract/access/roles'
import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { broker } from '@gatehouse/contract/brokers/broker'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { mqttSessions } from '@gatehouse/contract/brokers/mqtt-sessions'
import { retained } from '@gatehouse/contract/brokers/retained'
import { topics } from '@gatehouse/contract/brokers/topics'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { certificates } from '@gatehouse/contract/certificates/check'
import { clientCertificates } from '@gatehouse/contract/certificates/issued'
import { revocations } from '@gatehouse/contract/certificates/revocations'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { session } from '@gatehouse/contract/identity/sign-in'
import { users } from '@gatehouse/contract/identity/users'
import { audit } from '@gatehouse/contract/operations/audit'
import { settings } from '@gatehouse/contract/operations/settings'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import {
  type Icon,
  IconCertificate,
  IconCpu,
  IconLayoutDashboard,
  IconListSearch,
  IconPlugConnected,
  IconSettings,
  IconShieldLock,
  IconUsers,
} from '@tabler/icons-react'
import { Link, type LinkProps } from '@tanstack/react-router'
import type { ComponentType, ReactNode } from 'react'
import { type CurrentSession, useSession } from '../api/session.ts'
import { ExpiryMark } from './expiry-mark.tsx'
import classes from './navigation.module.css'

interface Place {
  label: string
  to: NonNullable<LinkProps['to']>
  /** The route that the page reads. */
  reads: Route
  /** A mark after the label, such as for an authority that expires soon. */
  Mark?: ComponentType
}

interface Section {
  label: string
  icon: Icon
  /** A section of one page is that page. */
  pages: readonly Place[]
}

const sections: readonly Section[] = [
  { label: t`Overview`, icon: IconLayoutDashboard, pages: [{ label: t`Overview`, to: '/', reads: session.view }] },
  { label: t`People`, icon: IconUsers, pages: [{ label: t`People`, to: '/people', reads: users.list }] },
  { label: t`Devices`, icon: IconCpu, pages: [{ label: t`Devices`, to: '/devices', reads: users.list }] },
  {
    label: t`Roles & permissions`,
    icon: IconShieldLock,
    pages: [
      { label: t`Roles`, to: '/roles', reads: roles.list },
      { label: t`Permissions`, to: '/permissions', reads: permissions.list },
    ],
  },
  {
    label: t`Certificates`,
    icon: IconCertificate,
    pages: [
      { label: t`Authorities`, to: '/authorities', reads: authorities.list, Mark: ExpiryMark },
      { label: t`Client certificates`, to: '/client-certificates', reads: clientCertificates.list },
      { label: t`Revocations`, to: '/revocations', reads: revocations.list },
      { label: t`Check a certificate`, to: '/certificates/check', reads: certificates.check },
    ],
  },
  {
    label: t`Broker`,
    icon: IconPlugConnected,
    pages: [
      { label: t`Connections`, to: '/broker/connections', reads: broker.connections },
      { label: t`MQTT sessions`, to: '/broker/sessions', reads: mqttSessions.list },
      { label: t`Topics`, to: '/broker/topics', reads: topics.watch },
      { label: t`Retained messages`, to: '/broker/retained', reads: retained.list },
      { label: t`Decisions`, to: '/broker/decisions', reads: broker.decisions },
      { label: t`Admission rules`, to: '/broker/admission-rules', reads: admissionRules.list },
      { label: t`Listeners`, to: '/broker/listeners', reads: listeners.list },
      { label: t`Brokers`, to: '/brokers', reads: brokers.list },
      { label: t`Upstreams`, to: '/broker/upstreams', reads: upstreams.list },
    ],
  },
  { label: t`Audit`, icon: IconListSearch, pages: [{ label: t`Audit`, to: '/audit', reads: audit.list }] },
  {
    label: t`Settings`,
    icon: IconSettings,
    pages: [
      { label: t`Policies`, to: '/settings/policies', reads: settings.view },
      { label: t`Identity providers`, to: '/settings/identity-providers', reads: identityProviders.list },
    ],
  },
]

/** The sections with the pages that this person may read. */
export function sectionsFor(can: CurrentSession['can']): Section[] {
  return sections
    .map((section) => ({ ...section, pages: section.pages.filter((page) => can(page.reads)) }))
    .filter((section) => section.pages.length > 0)
}

/** `onGo`: called when the person follows a link, so that the drawer closes. */
export function Navigation({ onGo }: { onGo?: () => void }) {
  const { can } = useSession()
  return (
    <nav aria-label={t`Main`} className={classes['navigation']}>
      <ul>
        {sectionsFor(can).map((section) => (
          <SectionEntry key={section.label} section={section} onGo={onGo} />
        ))}
      </ul>
    </nav>
  )
}

function SectionEntry({ section, onGo }: { section: Section; onGo: (() => void) | undefined }) {
  const { label, icon: Glyph, pages } = section
  const [only] = pages
  if (only?.label === label) {
    return (
      <li>
        <PlaceLink place={only} onGo={onGo}>
          <Glyph size={18} stroke={1.6} aria-hidden />
        </PlaceLink>
      </li>
    )
  }
  return (
    <li>
      <span className={classes['section']}>
        <Glyph size={18} stroke={1.6} aria-hidden />
        {label}
      </span>
      <ul className={classes['pages']} aria-label={label}>
        {pages.map((place) => (
          <li key={place.label}>
            <PlaceLink place={place} onGo={onGo} />
          </li>
        ))}
      </ul>
    </li>
  )
}

interface PlaceLinkProps {
  place: Place
  onGo: (() => void) | undefined
  children?: ReactNode
}

function PlaceLink({ place, onGo, children }: PlaceLinkProps) {
  return (
    <Link
      to={place.to}
      className={classes['place']}
      activeOptions={{ exact: place.to === '/', includeSearch: false }}
      {...(onGo && { onClick: onGo })}
    >
      {children}
      {place.label}
      {place.Mark && <place.Mark />}
    </Link>
  )
}
