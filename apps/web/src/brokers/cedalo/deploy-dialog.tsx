/** Chooses the listeners of the Cedalo brokers that get a CA. Each broker is applied for itself, and says what happened on each listener. */

import { type DeployableBroker, type DeployableListener, deployments } from '@gatehouse/contract/brokers/deployments'
import type { Authority } from '@gatehouse/contract/certificates/authorities'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button, Checkbox } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { queryFor, useChange } from '../../api/queries.ts'
import { StatusBadge } from '../../ui/badges.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import type { ModalProps } from '../../ui/modals.tsx'
import { Problem } from '../../ui/problem.tsx'
import { brokerProblemWords, deploymentStateWords, errorWords, whyNotChosen } from './deployment-words.ts'
import classes from './deployments.module.css'

type Subject = Pick<Authority, 'fingerprint' | 'name'>

export function DeployDialog({ question: authority, settle }: ModalProps<Subject, void>) {
  const { fingerprint, name } = authority
  const { data } = useSuspenseQuery({ ...queryFor(deployments.choices, { params: { fingerprint } }), staleTime: 0 })
  return (
    <Dialog
      title={t`Deploy CA`}
      subtitle={name}
      width="wide"
      onClose={() => settle()}
      footer={
        <DialogFoot
          note={t`A CA that is removed ends the connections of all users of that broker; they connect again.`}
        >
          <Button variant="default" onClick={() => settle()}>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {data.items.map((broker) => (
          <OneBroker key={broker.id} broker={broker} fingerprint={fingerprint} />
        ))}
      </DialogBody>
    </Dialog>
  )
}

function OneBroker({ broker, fingerprint }: { broker: DeployableBroker; fingerprint: string }) {
  const { id, name, problem, listeners } = broker
  const deploy = useChange(deployments.deploy)
  const [edited, setEdited] = useState<readonly number[] | null>(null)
  const chosen = edited ?? listeners.filter(({ isWanted }) => isWanted).map((listener) => listener.id)
  const hasFailed = listeners.some(({ error }) => error !== null)
  const apply = () =>
    deploy.mutate(
      { params: { fingerprint }, body: { broker: id, listeners: [...chosen] } },
      { onSuccess: () => setEdited(null) },
    )
  return (
    <fieldset className={classes['broker']}>
      <legend>{name}</legend>
      {problem && <p className={classes['why']}>{brokerProblemWords[problem]}</p>}
      <Problem error={deploy.error} />
      {listeners.length > 0 && (
        <>
          <ul className={classes['list']} aria-label={t`Listeners of ${name}`}>
            {listeners.map((listener) => (
              <li key={listener.id}>
                <Choice
                  listener={listener}
                  isChosen={chosen.includes(listener.id)}
                  onChange={(isChosen) =>
                    setEdited(isChosen ? [...chosen, listener.id] : chosen.filter((each) => each !== listener.id))
                  }
                />
              </li>
            ))}
          </ul>
          <output>
            {deploy.data && !deploy.data.complete && t`Not everything is done. Apply again to repeat it.`}
          </output>
          <Button
            size="xs"
            mt={8}
            aria-label={t`Apply on ${name}`}
            disabled={edited === null && !hasFailed}
            loading={deploy.isPending}
            onClick={apply}
          >
            {edited === null && hasFailed ? t`Try again` : t`Apply`}
          </Button>
        </>
      )}
    </fieldset>
  )
}

interface ChoiceProps {
  listener: DeployableListener
  isChosen: boolean
  onChange: (isChosen: boolean) => void
}

function Choice({ listener, isChosen, onChange }: ChoiceProps) {
  const { id, port, protocol, bindAddress, follows, state, error } = listener
  const whyNot = whyNotChosen(listener)
  const place = bindAddress === null ? String(port) : `${bindAddress}:${port}`
  return (
    <>
      <Checkbox
        label={t`Port ${place} (${protocol}, listener ${String(id)})`}
        description={whyNot}
        checked={isChosen || follows}
        // A listener that was chosen before it became unsuitable can be given up.
        disabled={follows || (whyNot !== undefined && !isChosen)}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
      {state && (
        <span className={classes['state']}>
          <StatusBadge status={deploymentStateWords[state].status}>{deploymentStateWords[state].label}</StatusBadge>
          {error !== null && <span className={classes['error']}>{errorWords(error)}</span>}
        </span>
      )}
    </>
  )
}
