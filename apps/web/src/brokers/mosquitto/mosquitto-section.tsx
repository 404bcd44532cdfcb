/** Shows what a Mosquitto on this machine cannot enforce and what another program changed there. Undoes these changes. */
import { type MosquittoDrift, type MosquittoState, mosquitto } from '@gatehouse/contract/brokers/mosquitto'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { queryFor, useChange } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { formatNumber } from '../../messages/format.ts'
import { confirm } from '../../ui/confirm.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { GuardedButton } from '../../ui/guarded-button.tsx'
import { Problem } from '../../ui/problem.tsx'
import { Section } from '../../ui/section.tsx'
import { toast } from '../../ui/toast.tsx'
import { driftWords, fileWords, remarkWords } from './mosquitto-words.ts'

const everyMs = 5_000

export function MosquittoSection({ id }: { id: string }) {
  const { data } = useQuery({ ...queryFor(mosquitto.view, { params: { id } }), refetchInterval: everyMs })
  if (!data) return null
  return (
    <>
      <LeftOut state={data} />
      <Drift id={id} state={data} />
      {data.hasFirstLoad && <FirstLoad id={id} />}
    </>
  )
}

function LeftOut({ state: { progress, toEnd, withoutPassword, remarks, foreignFiles } }: { state: MosquittoState }) {
  const names = foreignFiles.map(({ name, kind }) => t`${name} (${fileWords[kind]})`)
  return (
    <Section title={t`What is left out there`}>
      <Facts>
        {progress && (
          <Fact label={t`Commands under way`}>
            {t`${formatNumber(progress.done)} of ${formatNumber(progress.total)}`}
          </Fact>
        )}
        {toEnd > 0 && <Fact label={t`Users whose connections still end`}>{formatNumber(toEnd)}</Fact>}
        <Fact label={t`Password not known there yet`}>
          {withoutPassword.count > 0 ? someOf(withoutPassword) : t`nobody`}
        </Fact>
        {remarks.map((remark) => (
          <Fact key={remark.code} label={remarkWords[remark.code]}>
            {someOf(remark)}
          </Fact>
        ))}
        {names.length > 0 && <Fact label={t`Other files in the CA folder`}>{names.join(', ')}</Fact>}
      </Facts>
      {withoutPassword.count > 0 && (
        <p>
          <Trans>
            Gatehouse keeps only a hash of each password, which Mosquitto cannot use. Mosquitto gets the password the
            next time it is set, or used at Gatehouse.
          </Trans>
        </p>
      )}
    </Section>
  )
}

function Drift({ id, state: { drift } }: { id: string; state: MosquittoState }) {
  const { whyNot } = useSession()
  const look = useChange(mosquitto.lookForDrift)
  const restore = useChange(mosquitto.restore)
  const found = drift === null ? [] : linesOf(drift)
  const ask = () =>
    confirm({
      title: t`Undo the changes of others?`,
      message: t`Clients, roles and groups that Gatehouse did not make are deleted on the broker, and its users get exactly the rights that they have here. Connections of the users concerned end.`,
      action: t`Undo`,
      run: async () => {
        await restore.mutateAsync({ params: { id } })
        toast({ message: t`The broker is as Gatehouse wants it.` })
      },
    })
  return (
    <Section
      title={t`Changes of others`}
      actions={
        <>
          <GuardedButton
            variant="default"
            size="xs"
            loading={look.isPending}
            whyNot={whyNot(mosquitto.lookForDrift, { id })}
            onClick={() => look.mutate({ params: { id } })}
          >
            <Trans>Compare now</Trans>
          </GuardedButton>
          {found.length > 0 && (
            <GuardedButton size="xs" whyNot={whyNot(mosquitto.restore, { id })} onClick={() => void ask()}>
              <Trans>Undo…</Trans>
            </GuardedButton>
          )}
        </>
      }
    >
      <Problem error={look.error} />
      {found.length === 0 ? (
        <p>
          {drift === null ? (
            <Trans>Not compared yet.</Trans>
          ) : (
            <Trans>The users and roles of the broker are as Gatehouse wrote them.</Trans>
          )}
        </p>
      ) : (
        <Facts>
          {found.map(({ kind, names }) => (
            <Fact key={kind} label={driftWords[kind]}>
              {names}
            </Fact>
          ))}
        </Facts>
      )}
    </Section>
  )
}

function FirstLoad({ id }: { id: string }) {
  const { whyNot } = useSession()
  const { mutateAsync, error, isPending } = useChange(mosquitto.writeFirstLoad)
  const write = async () => {
    const { users } = await mutateAsync({ params: { id } })
    const written = plural(users, { one: '# user', other: '# users' })
    toast({ message: t`${written} written. Start Mosquitto now.` })
  }
  return (
    <Section
      title={t`First load`}
      actions={
        <GuardedButton
          variant="default"
          size="xs"
          loading={isPending}
          whyNot={whyNot(mosquitto.writeFirstLoad, { id })}
          onClick={() => void write().catch(() => {})}
        >
          <Trans>Write the file</Trans>
        </GuardedButton>
      }
    >
      <p>
        <Trans>
          With thousands of users, write them into the file of the plugin while Mosquitto is stopped. By commands the
          first load takes minutes.
        </Trans>
      </p>
      <Problem error={error} />
    </Section>
  )
}

function linesOf(drift: MosquittoDrift) {
  const kinds = ['changed', 'clients', 'roles', 'groups', 'defaults'] as const
  return kinds.filter((kind) => drift[kind].count > 0).map((kind) => ({ kind, names: someOf(drift[kind]) }))
}

const mostShown = 10

function someOf({ count, names }: { count: number; names: readonly string[] }): string {
  const shown = names.slice(0, mostShown).join(', ')
  const left = count - Math.min(names.length, mostShown)
  return left > 0 ? t`${shown} and ${formatNumber(left)} more` : shown
}
