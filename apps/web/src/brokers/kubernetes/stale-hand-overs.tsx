/** Secrets in Kubernetes that lack changes of the trust store. Nothing applies them by itself, so the page says it. */
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import classes from './hand-over.module.css'
import { handOverDialog, useHandOvers } from './hand-over.ts'
import { behindWords, changesBehind, lackWords } from './hand-over-words.ts'

/** `targetId`: only this broker or listener. */
export function StaleHandOvers({ targetId }: { targetId?: string }) {
  const handOvers = useHandOvers() ?? []
  const stale = handOvers.filter(
    ({ target, state }) => changesBehind(state) > 0 && (targetId === undefined || target.id === targetId),
  )
  if (stale.length === 0) return null
  return (
    <ul className={classes['stale']} aria-label={t`Secrets in Kubernetes that are behind`}>
      {stale.map(({ target, name, state }) => (
        <li key={target.id}>
          <span>
            <Trans>
              The secret of <b>{name}</b> in Kubernetes is {behindWords(state)}: {lackWords(state)}.
            </Trans>
          </span>
          <Button variant="default" size="xs" onClick={() => void handOverDialog.open(target)}>
            <Trans>Show commands</Trans>
          </Button>
        </li>
      ))}
    </ul>
  )
}
