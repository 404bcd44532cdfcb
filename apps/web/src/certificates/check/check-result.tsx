/** The result of a check: the answer, a link to the cause, and each check in the order of the broker. */

import type { CertificateCheck, Check } from '@gatehouse/contract/certificates/check'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { VisuallyHidden } from '@mantine/core'
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { fixFor } from '../../access/decision/refusal-fix.ts'
import { useSession } from '../../api/session.ts'
import { checkLabels, checkWords, verdictWords } from './certificate-checks.ts'
import { CheckListeners } from './check-listeners.tsx'
import classes from './check-result.module.css'

interface CheckResultProps {
  result: CertificateCheck
  /** Shows the checks of another listener. */
  onChooseListener: (id: string) => void
}

export function CheckResult({ result, onChooseListener }: CheckResultProps) {
  return (
    <div>
      <Verdict result={result} />
      {result.listener !== null && (
        <p className={classes['about']}>
          <Trans>
            The checks of the listener <strong>{result.listener}</strong>:
          </Trans>
        </p>
      )}
      <ol className={classes['checks']} aria-label={t`Checks`}>
        {result.checks.map((check) => (
          <CheckLine key={check.check} check={check} reason={result.reason} />
        ))}
      </ol>
      <CheckListeners result={result} onChoose={onChooseListener} />
    </div>
  )
}

function Verdict({ result }: { result: CertificateCheck }) {
  const { title, words } = verdictWords(result)
  const isIdle = result.admitted && result.checks.some(({ ok }) => ok === false)
  const status = isIdle ? 'expiring' : result.admitted ? 'valid' : 'refused'
  const Glyph = isIdle ? IconAlertTriangle : result.admitted ? IconCheck : IconX
  return (
    <output className={classes['verdict']} data-status={status}>
      <Glyph size={18} aria-hidden />
      <span>
        <strong>{title}</strong>
        <span className={classes['why']}>
          {words.sentence} {words.advice}
        </span>
        <Mend result={result} isIdle={isIdle} />
      </span>
    </output>
  )
}

function Mend({ result, isIdle }: { result: CertificateCheck; isIdle: boolean }) {
  const { can } = useSession()
  const authority = result.checks.find(({ detail }) => detail.authority !== undefined)?.detail.authority ?? null
  const revocation = result.checks.find(({ check }) => check === 'revocation')?.detail.revocation
  // If the client is admitted without rights, the permissions of its user are missing.
  const reason = isIdle ? 'subscribe_refused' : result.reason
  const fix = fixFor({ ...result, reason, authority, revocation, at: null })
  if (!fix || !can(fix.needs)) return null
  return (
    <Link {...fix.link} className={classes['mend']}>
      {fix.label}
    </Link>
  )
}

const states = {
  passed: { said: 'passed', Glyph: IconCheck },
  failed: { said: 'failed', Glyph: IconX },
  open: { said: '', Glyph: null },
}

function CheckLine({ check, reason }: { check: Check; reason: CertificateCheck['reason'] }) {
  const state = check.ok === null ? 'open' : check.ok ? 'passed' : 'failed'
  const { said, Glyph } = states[state]
  return (
    <li className={classes['check']} data-state={state}>
      <span className={classes['mark']}>
        {Glyph ? <Glyph size={12} stroke={3} aria-hidden /> : '–'}
        {said && <VisuallyHidden>{said}: </VisuallyHidden>}
      </span>
      <span className={classes['label']}>{checkLabels[check.check]}</span>
      <span className={classes['found']}>{checkWords(check, reason).sentence}</span>
    </li>
  )
}
