/** What a certificate must say for this user, who may vouch for it, and how one is made and tried. */
import { type Authority, authorities } from '@gatehouse/contract/authorities'
import { broker } from '@gatehouse/contract/broker'
import { usernameMatches } from '@gatehouse/pki/username-glob'
import { useQuery } from '@tanstack/react-query'
import { Link, type LinkProps } from '@tanstack/react-router'
import { queryFor } from '../api/queries.ts'
import { useSession } from '../api/session.ts'
import { Machine } from '../feedback/badges.tsx'
import { useNow } from '../feedback/clock.ts'
import { CommandLine } from '../feedback/command-line.tsx'
import { CopyButton } from '../feedback/copy-button.tsx'
import { certificateCommands, type Endpoint, endpointOf, subscribeCommand } from '../words/certificate-commands.ts'
import classes from './certificate-guide.module.css'

const authoritiesQuery = queryFor(authorities.list, { search: { sort: 'name', limit: 200 } })
const brokerQuery = queryFor(broker.view, {})

/** What it must say, and who may vouch for it. */
export function CertificateDemand({ username }: { username: string }) {
  return (
    <>
      <div className={classes['name']}>
        Common Name must be exactly <Machine>CN={username}</Machine>
        <CopyButton value={`CN=${username}`} label="Copy Common Name" />
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
      <summary>Make a certificate with openssl, and connect</summary>
      {certificateCommands(username).map((command) => (
        <CommandLine key={command.label} {...command} />
      ))}
      <CommandLine {...subscribeCommand(username, endpoint, topic)} />
      <div className={classes['note']}>
        By{' '}
        <a href="/api/authorities/built-in.pem" download="authority.crt">
          authority.crt
        </a>{' '}
        the client knows this server.
      </div>
    </details>
  )
}

const shownAtMost = 4

function Vouching({ username }: { username: string }) {
  const { can } = useSession()
  const now = useNow()
  const { data } = useQuery({ ...authoritiesQuery, enabled: can(authorities.list) })
  if (!data) return null
  const names = vouchers(data.items, username, now).map(({ name }) => name)
  const others = names.length - shownAtMost
  if (names.length === 0) {
    return (
      <div className={classes['nobody']}>
        No trusted authority may vouch for it yet: nobody gets in with a certificate of this name.{' '}
        <Link {...toAuthorities}>Authorities</Link>
      </div>
    )
  }
  return (
    <div>
      Vouched for by <strong>{names.slice(0, shownAtMost).join(', ')}</strong>
      {others > 0 && ` and ${others}${data.nextCursor ? ' or more' : ''} others`}
    </div>
  )
}

const toAuthorities = { to: '/authorities' as string } as LinkProps

/** Trusted for clients, valid now, and allowed to vouch for this name. */
export function vouchers(all: readonly Authority[], username: string, now: number): readonly Authority[] {
  return all.filter(
    ({ withdrawnAt, notBefore, notAfter, usernames }) =>
      withdrawnAt === null &&
      Date.parse(notBefore) <= now &&
      Date.parse(notAfter) > now &&
      (usernames.length === 0 || usernames.some((glob) => usernameMatches(glob, username))),
  )
}

export function useEndpoint(): Endpoint {
  const { can } = useSession()
  const { data } = useQuery({ ...brokerQuery, enabled: can(broker.view) })
  return endpointOf(data?.listeners, location.hostname)
}
