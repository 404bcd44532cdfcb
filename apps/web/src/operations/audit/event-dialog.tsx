/** One event, opened: what changed first, then the raw values. */

import type { AuditEvent } from '@gatehouse/contract/operations/audit'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { formatExactTime } from '../../messages/format.ts'
import { Machine } from '../../ui/badges.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog, DialogBody, DialogFoot } from '../../ui/dialog.tsx'
import { differencesOf } from '../../ui/difference.ts'
import { Differences } from '../../ui/differences.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { RelativeTime } from '../../ui/relative-time.tsx'
import { useNavigateTo, withSearch, withSearchReset } from '../../ui/search-links.ts'
import classes from './audit.module.css'
import { Target, Who } from './audit-cells.tsx'
import { auditActionWords, auditReasonWords } from './audit-words.ts'
import { eventQuery } from './event-query.ts'
import { valueWords } from './value-words.ts'

export function EventDetails({ id }: { id: string }) {
  const go = useNavigateTo()
  const { data: event } = useSuspenseQuery(eventQuery(id))
  const close = () => go(withSearch({ view: undefined }))
  return (
    <Dialog
      title={event ? auditActionWords[event.action] : t`Event`}
      subtitle={event && formatExactTime(event.at)}
      width="wide"
      onClose={close}
      footer={
        <DialogFoot note={event && <Related event={event} />}>
          <Button variant="default" onClick={close} data-autofocus>
            <Trans>Close</Trans>
          </Button>
        </DialogFoot>
      }
    >
      <DialogBody>
        {event ? (
          <Event event={event} />
        ) : (
          <p>
            <Trans>This event does not exist.</Trans>
          </p>
        )}
      </DialogBody>
    </Dialog>
  )
}

function Event({ event }: { event: AuditEvent }) {
  const differences = differencesOf(event, valueWords)
  return (
    <>
      <Facts>
        <Fact label={t`User`}>
          <Who event={event} />
        </Fact>
        <Fact label={t`Target`} copy={event.target?.id ?? null}>
          <Target event={event} />
        </Fact>
        <Fact label={t`Time`}>
          <RelativeTime at={event.at} />
        </Fact>
        <Fact label={t`From`}>{event.address && <Machine>{event.address}</Machine>}</Fact>
        <Fact label={t`Reason`}>{event.reason && auditReasonWords(event.reason)}</Fact>
      </Facts>
      {differences.length > 0 && (
        <section aria-label={headingOf(event)}>
          <h3 className={classes['heading']}>{headingOf(event)}</h3>
          <Differences of={differences} />
          <Raw event={event} />
        </section>
      )}
    </>
  )
}

function headingOf({ before, after }: AuditEvent): string {
  if (before === null) return t`After`
  return after === null ? t`Before` : t`What changed`
}

function Raw({ event: { before, after } }: { event: AuditEvent }) {
  const text = JSON.stringify({ before, after }, null, 2)
  return (
    <details className={classes['raw']}>
      <summary>
        <Trans>Raw values</Trans>
      </summary>
      <div className={classes['code']}>
        <pre>{text}</pre>
        <CopyButton value={text} label={t`Copy raw values`} />
      </div>
    </details>
  )
}

function Related({ event: { actor, target } }: { event: AuditEvent }) {
  return (
    <span className={classes['related']}>
      {target && (
        <Link {...withSearchReset({ target: target.id, view: undefined })} className={classes['link']}>
          <Trans>All events about {target.name}</Trans>
        </Link>
      )}
      {actor && (
        <Link {...withSearchReset({ actor: actor.username, view: undefined })} className={classes['link']}>
          <Trans>All events by {actor.username}</Trans>
        </Link>
      )}
    </span>
  )
}
