/** Examples of the import from Mosquitto. */
import { ends, fingerprint, ids, made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const files = [
  { path: 'mosquitto.conf', text: 'listener 1883\npassword_file /etc/mosquitto/passwd\nacl_file /etc/mosquitto/acl\n' },
  { path: 'passwd', text: 'press-01:$7$101$…$…\n' },
  { path: 'acl', text: 'user press-01\ntopic read line-3/#\n' },
]

const run = {
  id: ids.user,
  state: 'done',
  hashed: 1,
  passwords: 1,
  created: { users: 1, roles: 0, authorities: 0, crls: 0 },
  problem: null,
}

const permission = { context: 'mqtt', resource: 'line-3/#', operation: 'read' }

export const docs: FeatureDocs = {
  bodies: {
    'mosquittoImports.preview': { Example: { files, underDeny: 'withhold' } },
    'mosquittoImports.create': { Example: { files, digest: fingerprint } },
  },
  answers: {
    'mosquittoImports.preview': {
      digest: fingerprint,
      totals: {
        users: 1,
        existingUsers: 0,
        roles: 0,
        permissions: 1,
        authorities: 1,
        crls: 1,
        lost: 1,
        changed: 0,
        notes: 0,
      },
      users: [
        {
          username: 'press-01',
          displayName: null,
          disabled: false,
          hasPassword: true,
          hasCertificateGrant: false,
          roles: [],
          permissions: [permission],
          tags: [],
        },
      ],
      roles: [{ name: 'press', permissions: [permission], users: 12, exists: false }],
      authorities: [{ fingerprint, name: 'Plant CA', subject: 'CN=Plant CA', notAfter: ends, file: 'ca.crt' }],
      crls: [{ issuer: 'CN=Plant CA', entries: 3, thisUpdate: made, file: 'plant.crl' }],
      findings: [
        {
          code: 'client_id_in_topic',
          weight: 'lost',
          file: 'acl',
          line: 7,
          text: 'pattern read devices/%c/#',
          users: 1,
          firstUsers: ['press-01'],
        },
      ],
      obstacles: [],
    },
    'mosquittoImports.create': { ...run, state: 'hashing', hashed: 0, created: null },
    'mosquittoImports.view': run,
    'mosquittoImports.cancel': { ...run, state: 'cancelled', created: null },
  },
}
