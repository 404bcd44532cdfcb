/** Examples of the enforcer routes. */
import { ends, ids, made, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const token = `ghe_${'8c1f5a0e6b7d4c39'.repeat(4)}_${'x'.repeat(43)}`

export const docs: FeatureDocs = {
  values: {
    'Enforcer.id': ids.token,
    'Enforcer.host': 'hall-2-broker',
    'Enforcer.programVersion': '0.1.0',
    'Enforcer.enrolledAt': made,
    'Enforcer.certificateEndsAt': ends,
    'Enforcer.isConnected': true,
    'Enforcer.lastSeenAt': seen,
    'Enforcer.lastAddress': '192.0.2.17',
    'Enforcer.appliedSequence': 4711,
    'Enforcer.appliedAt': seen,
    'Enforcer.problems': [],
    'Enforcer.clockAheadSeconds': 0,
    'ListedEnforcer.host': 'hall-2-broker',
    'ListedEnforcer.programVersion': '0.1.0',
    'ListedEnforcer.isConnected': true,
    'ListedEnforcer.lastAddress': '192.0.2.17',
    'ListedEnforcer.appliedSequence': 4711,
    'ListedEnforcer.certificate': { serialNumber: '5f3a9c0b77d1', endsAt: ends, isOfNextAuthority: false },
    'EnforcersAuthority.endsSoon': false,
    revokes: [],
    foreignClients: [],
    foreignFiles: ['old-ca.pem'],
    withoutPassword: ['press-7'],
    'BrokerEnforcer.address': 'https://gatehouse.example:8444',
    'OpenEnrolment.createdAt': made,
    'OpenEnrolment.createdBy': 'admin',
    'OpenEnrolment.expiresAt': ends,
    'EnrolmentMade.token': token,
    'EnrolmentMade.command': `GATEHOUSE_AGENT_TOKEN=${token} npm start -- agent enrol https://gatehouse.example:8444`,
    'EnrolmentMade.expiresAt': ends,
  },
}
