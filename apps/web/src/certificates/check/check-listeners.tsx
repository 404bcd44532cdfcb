/** On which listeners the checked certificate would be admitted, and why not on the others. */

import type { CertificateCheck, ListenerCheck } from '@gatehouse/contract/certificates/check'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { reasonWords } from '../../access/decision/refusal-words.ts'
import { type Status, StatusBadge } from '../../ui/badges.tsx'
import classes from './check-result.module.css'

interface CheckListenersProps {
  result: CertificateCheck
  /** Shows the checks of another listener. */
  onChoose?: (id: string) => void
}

export function CheckListeners({ result: { listeners, listener: shown }, onChoose }: CheckListenersProps) {
  if (listeners.length === 0) return null
  return (
    <section className={classes['listeners']} aria-label={t`Listeners`}>
      {onChoose && (
        <h2>
          <Trans>On each listener</Trans>
        </h2>
      )}
      <ul aria-label={t`Listeners`}>
        {listeners.map((listener) => (
          <li key={listener.id} data-shown={listener.name === shown || undefined}>
            <span>
              <StatusBadge status={outcomes[listener.outcome].status}>{outcomes[listener.outcome].label}</StatusBadge>
            </span>
            <span className={classes['listener']}>
              <strong>{listener.name}</strong> {sentenceOf(listener)}
            </span>
            {onChoose && listener.name !== shown && listener.outcome !== 'not-asked' && (
              <button
                type="button"
                onClick={() => onChoose(listener.id)}
                aria-label={t`Show checks of ${listener.name}`}
              >
                <Trans>Show checks</Trans>
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  )
}

const outcomes: Record<ListenerCheck['outcome'], { status: Status; label: string }> = {
  admitted: { status: 'valid', label: t`admitted` },
  refused: { status: 'refused', label: t`refused` },
  'password-needed': { status: 'soon', label: t`with a password` },
  'not-asked': { status: 'off', label: t`not asked` },
  'not-open': { status: 'off', label: t`not open` },
}

function sentenceOf({ outcome, reason }: ListenerCheck): string {
  if (outcome === 'password-needed') return t`accepts the certificate. The client also needs a username and a password.`
  if (outcome === 'not-asked') return t`does not ask for certificates.`
  if (outcome === 'not-open') return t`is not open. No client can connect to it.`
  if (outcome === 'refused' && reason === 'unknown_authority') return t`trusts no CA that signed this certificate.`
  return reason === null ? '' : reasonWords[reason].sentence
}
