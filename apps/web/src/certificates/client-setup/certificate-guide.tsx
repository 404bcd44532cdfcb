/** What a certificate must say for this user, who may vouch for it, and how one is made and tried. */

import { broker } from '@gatehouse/contract/brokers/broker'
import { authorities } from '@gatehouse/contract/certificates/authorities'
import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { queryFor } from '../../api/queries.ts'
import { useSession } from '../../api/session.ts'
import { toAuthorities, toVouchersFor } from '../../links.ts'
import { Machine } from '../../ui/badges.tsx'
import { CommandLine } from '../../ui/command-line.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { certificateCommands, type Endpoint, endpointOf, subscribeCommand } from './certificate-commands.ts'
import classes from './certificate-guide.module.css'

const shownAtMost = 4

function vouchersQuery(username: string) {
  return queryFor(authorities.list, { search: { 'vouchesFor[eq]': username, sort: 'name', limit: shownAtMost } })
}
const brokerQuery = queryFor(broker.view, {})

/** What it must say, and who may vouch for it. */
export function CertificateDemand({ username }: { username: string }) {
  return (
    <>
      <div className={classes['name']}>
        <Trans>
          The Common Name must be exactly <Machine>CN={username}</Machine>
        </Trans>
        <CopyButton value={`CN=${username}`} label={t`Copy Common Name`} />
      </div>
      <Vouching username={username} />
    </>
  )
}

interface CertificateCommandsProps {
  username: string
  /** A filter that it may subscribe to, for the line that tries the certificate. */
  topic: string | undefined
}

export function CertificateCommands({ username, topic = 'test/#' }: CertificateCommandsProps) {
  const endpoint = useEndpoint()
  return (
    <details className={classes['commands']} open>
      <summary>
        <Trans>Create a certificate with openssl and connect</Trans>
      </summary>
      {certificateCommands(username).map((command) => (
        <CommandLine key={command.label} {...command} />
      ))}
      <CommandLine {...subscribeCommand(username, endpoint, topic)} />
      <div className={classes['note']}>
        <Trans>
          The client verifies this server with{' '}
          <a href="/api/authorities/built-in.pem" download="authority.crt">
            authority.crt
          </a>
          .
        </Trans>
      </div>
    </details>
  )
}

function Vouching({ username }: { username: string }) {
  const { can } = useSession()
  const { data } = useQuery({ ...vouchersQuery(username), enabled: can(authorities.list) })
  if (!data) return null
  const { items, total } = data
  if (items.length === 0) {
    return (
      <div className={classes['nobody']}>
        <Trans>
          No trusted CA allows this username, so its certificates are refused.{' '}
          <Link {...toAuthorities()}>Authorities</Link>
        </Trans>
      </div>
    )
  }
  return (
    <div>
      <Trans>
        CAs that allow this username: <strong>{items.map(({ name }) => name).join(', ')}</strong>
      </Trans>
      {(total === null || total > items.length) && (
        <>
          {' '}
          <Trans>
            and <Link {...toVouchersFor(username)}>{othersWords(total, items.length)}</Link>
          </Trans>
        </>
      )}
    </div>
  )
}

/** `total` null: too many to be counted. */
function othersWords(total: number | null, shown: number): string {
  if (total === null) return t`thousands of others`
  return plural(total - shown, { one: '# other', other: '# others' })
}

export function useEndpoint(): Endpoint {
  const { can } = useSession()
  const { data } = useQuery({ ...brokerQuery, enabled: can(broker.view) })
  return endpointOf(data, location.hostname)
}

/** For the fields of a user, which know nothing of certificates. */
export const certificateParts = { Demand: CertificateDemand, Commands: CertificateCommands }
