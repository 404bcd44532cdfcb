/** The effective permissions of a user with their origin, and the server's answer to one question. */

import { type AccessLine, permissions } from '@gatehouse/contract/access/permissions'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery, useSuspenseInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { AccessAnswer, QuestionFields, questionOf, useAsking } from '../../access/permissions/access-question.tsx'
import { PermissionName } from '../../access/permissions/permission-name.tsx'
import { operationWords } from '../../access/permissions/permission-words.ts'
import { EntityLink } from '../../access/roles/entity-link.tsx'
import { pagesFor, queryFor } from '../../api/queries.ts'
import classes from './user-access.module.css'

export function UserAccess({ id }: { id: string }) {
  return (
    <div className={classes['panel']}>
      <Ask id={id} />
      <Lines id={id} />
    </div>
  )
}

const typingPauseMs = 200

function Ask({ id }: { id: string }) {
  const [asking, ask] = useAsking()
  const [settled] = useDebouncedValue(asking, typingPauseMs)
  const question = questionOf(settled)
  const { data } = useQuery({
    ...queryFor(permissions.check, {
      params: { id },
      body: question ?? { context: 'mqtt', operation: 'read', resource: '#' },
    }),
    enabled: question !== null,
  })
  const verdict = question && settled === asking ? (data?.because[0] ?? null) : null
  return (
    <section aria-label={t`Check`}>
      <QuestionFields asking={asking} onAsk={ask} />
      <AccessAnswer
        verdict={verdict}
        judged={verdict && verdict.resource !== asking.resource ? verdict.resource : undefined}
        originOf={originOf}
      />
    </section>
  )
}

function Lines({ id }: { id: string }) {
  const { data, hasNextPage, fetchNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(
    pagesFor(permissions.accessOf, { params: { id } }),
  )
  const [first] = data.pages
  const lines = data.pages.flatMap(({ items }) => items)
  return (
    <section aria-label={t`Allows`} className={classes['lines']}>
      {first?.disabledAt && (
        <div className={classes['note']}>
          <Trans>This user is disabled, so none of this applies.</Trans>
        </div>
      )}
      {lines.length === 0 && (
        <div className={classes['note']}>
          <Trans>Only its own account.</Trans>
        </div>
      )}
      <ul>
        {lines.map((line) => (
          <li key={`${line.context} ${line.operation} ${line.resource}`}>
            <PermissionName of={line} />
            <span>{operationWords(line)}</span>
            {originOf(line)}
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          <Trans>Show more</Trans>
        </Button>
      )}
    </section>
  )
}

function originOf({ roles, individual }: AccessLine): ReactNode {
  return (
    <span className={classes['origin']}>
      {roles.map(({ id, name }) => (
        <EntityLink key={id} kind="role" id={id} name={name} />
      ))}
      {individual && (
        <span>
          <Trans>direct</Trans>
        </span>
      )}
    </span>
  )
}
