/** Reads the root of the directory, which says what kind of server it is (RFC 4512 §5.1). */
import { PresenceFilter } from 'ldapts'
import type { DirectoryConnection } from './connection.ts'
import { valuesOf } from './entry.ts'
import type { ServerFacts } from './groups.ts'

const activeDirectory = '1.2.840.113556.1.4.800' // LDAP_CAP_ACTIVE_DIRECTORY_OID, MS-ADTS §3.1.1.3.4.3.1

export async function readServerFacts(connection: DirectoryConnection): Promise<ServerFacts> {
  const filter = new PresenceFilter({ attribute: 'objectClass' })
  const attributes = ['supportedCapabilities', 'defaultNamingContext']
  const [root] = await connection.search({ base: '', scope: 'base', filter, attributes, limit: 1 })
  const [namingContext = null] = root ? valuesOf(root, 'defaultNamingContext') : []
  return {
    isActiveDirectory: root !== undefined && valuesOf(root, 'supportedCapabilities').includes(activeDirectory),
    namingContext,
  }
}
