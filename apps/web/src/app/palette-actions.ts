/** The actions of the palette: one for each thing that can be created without something else. */

import { roles } from '@gatehouse/contract/access/roles'
import { admissionRules } from '@gatehouse/contract/brokers/admission-rules'
import { brokers } from '@gatehouse/contract/brokers/brokers'
import { listeners } from '@gatehouse/contract/brokers/listeners'
import { upstreams } from '@gatehouse/contract/brokers/upstreams'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { identityProviders } from '@gatehouse/contract/identity/providers'
import { tokens } from '@gatehouse/contract/identity/tokens'
import { users } from '@gatehouse/contract/identity/users'
import type { Route } from '@gatehouse/contract/route'
import { t } from '@lingui/core/macro'
import { type Icon, IconKey, IconPlus, IconUpload } from '@tabler/icons-react'
import type { LinkProps } from '@tanstack/react-router'
import {
  toAuthorityUpload,
  toNewAdmissionRule,
  toNewBroker,
  toNewDevice,
  toNewListener,
  toNewPerson,
  toNewProvider,
  toNewRole,
  toNewToken,
  toNewUpstream,
} from '../links.ts'

interface Action {
  icon: Icon
  label: string
  link: LinkProps
  calls: Route
}

export const actions: readonly Action[] = [
  { label: t`Add device`, icon: IconPlus, link: toNewDevice(), calls: users.create },
  { label: t`Add person`, icon: IconPlus, link: toNewPerson(), calls: users.create },
  { label: t`Add role`, icon: IconPlus, link: toNewRole(), calls: roles.create },
  { label: t`Upload CA`, icon: IconUpload, link: toAuthorityUpload(), calls: authorities.create },
  { label: t`Add broker`, icon: IconPlus, link: toNewBroker(), calls: brokers.create },
  { label: t`Add admission rule`, icon: IconPlus, link: toNewAdmissionRule(), calls: admissionRules.create },
  { label: t`Add listener`, icon: IconPlus, link: toNewListener(), calls: listeners.create },
  { label: t`Add upstream`, icon: IconPlus, link: toNewUpstream(), calls: upstreams.create },
  { label: t`Add directory`, icon: IconPlus, link: toNewProvider('ldap'), calls: identityProviders.create },
  {
    label: t`Add OpenID Connect provider`,
    icon: IconPlus,
    link: toNewProvider('oidc'),
    calls: identityProviders.create,
  },
  { label: t`Create token`, icon: IconKey, link: toNewToken(), calls: tokens.create },
]
