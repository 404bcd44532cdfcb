/** The messages for refusals of a sign-in through an identity provider. */
import type { ErrorCode } from '@gatehouse/contract/errors'
import { t } from '@lingui/core/macro'
import type { ErrorWords } from './error-text.ts'

const signInAgain = t`Start again with the button of the identity provider.`

export const ssoErrorWords = {
  sso_expired: {
    title: t`This sign-in took too long, or was used already.`,
    advice: signInAgain,
  },
  sso_denied: { title: t`You cancelled, or the identity provider refused to sign you in.`, advice: signInAgain },
  sso_failed: {
    title: t`The answer of the identity provider is not valid.`,
    advice: t`Try again. If it happens again, ask an administrator: the log of the server names the reason.`,
  },
  sso_clock: {
    title: t`The clocks of the identity provider and this server differ.`,
    advice: t`Ask an administrator to set the clock of the server.`,
  },
  sso_other_person: {
    title: t`Another person signed in at the identity provider.`,
    advice: t`Nothing was changed. Sign in there as the person who is signed in here.`,
  },
  sso_not_fresh: {
    title: t`The identity provider did not ask you to sign in again.`,
    advice: t`Sign out and sign in again. An administrator can correct it: the token needs the claim auth_time.`,
  },
  password_sign_in_off: {
    title: t`You cannot sign in with a password.`,
    advice: t`Use the button of your identity provider.`,
  },
} satisfies Partial<Record<ErrorCode, ErrorWords>>
