/** The messages for refusals about identity providers and the people who come from them. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { t } from '@lingui/core/macro'
import type { ErrorWords } from './error-text.ts'

const nothingChanged = t`Nothing was changed.`

export const providerErrorWords = {
  provider_refused: {
    title: t`The settings of the identity provider are not valid.`,
    advice: t`Nothing was changed. Correct the marked fields.`,
  },
  provider_in_use: {
    title: t`Users come from this identity provider.`,
    advice: t`Delete these users first, or disable the identity provider. Nothing was changed.`,
  },
  too_many_providers: {
    title: t`There are too many identity providers.`,
    advice: t`Delete one that is not needed. Nothing was changed.`,
  },
  unknown_provider: { title: t`This identity provider does not exist, or is disabled.`, advice: nothingChanged },
  provider_unavailable: {
    title: t`The identity provider does not answer.`,
    advice: t`Nothing was changed. Try again later, or ask its administrator.`,
  },
  directory_unavailable: {
    title: t`The company's directory does not answer, so passwords cannot be checked.`,
    advice: t`Try again later. The attempt does not count. With a local account, check username and password.`,
  },
  person_not_found: { title: t`The identity provider does not know this person.`, advice: nothingChanged },
  identity_taken: {
    title: t`This identity is already linked, or the user already has one there.`,
    advice: t`Nothing was changed. Unlink the other one first.`,
  },
  origin_identity: {
    title: t`The user comes from this identity provider.`,
    advice: t`This identity cannot be unlinked. Disable the user instead.`,
  },
  role_is_mapped: {
    title: t`The identity provider gives this role.`,
    advice: t`The user loses the role when the person leaves the group or the mapping is deleted. Nothing was changed.`,
  },
  password_elsewhere: {
    title: t`The identity provider keeps the password of this user.`,
    advice: t`It can only be changed there.`,
  },
  username_taken_here: {
    title: t`Another account already has your username.`,
    advice: t`The accounts are not merged. Ask an administrator to link them.`,
  },
  username_unusable: {
    title: t`Your username at the identity provider cannot be used here.`,
    advice: t`Ask an administrator.`,
  },
  account_disabled_there: {
    title: t`The identity provider has disabled this account.`,
    advice: t`Ask its administrator.`,
  },
  no_mapped_role: {
    title: t`Your account at the identity provider has no role here.`,
    advice: t`Ask an administrator to add you to a group that has one.`,
  },
  groups_unknown: {
    title: t`The identity provider does not name all groups of this account.`,
    advice: t`Its roles here are not known. Ask an administrator.`,
  },
} satisfies Partial<Record<ErrorCode, ErrorWords>>
