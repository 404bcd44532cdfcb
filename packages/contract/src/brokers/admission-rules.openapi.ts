/** Examples of the routes of admission rules. */
import { ends, fingerprint, made } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const ruleId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b77'
const roleId = '019d2a40-1b7c-7f31-9a54-3c2e1d0f8b78'

export const docs: FeatureDocs = {
  values: {
    'AdmissionRule.id': ruleId,
    'AdmissionRule.name': 'presses',
    'AdmissionRule.authority': fingerprint,
    'AdmissionRule.authorityName': 'Plant CA',
    'AdmissionRule.usernames': ['press-*'],
    'AdmissionRule.roles': [roleId],
    'AdmissionRule.roleNames': ['line-3-devices'],
    'AdmissionRule.problem': null,
    'AdmissionRule.admitted': 12,
    'AdmissionRuleCreate.name': 'presses',
    'AdmissionRuleCreate.authority': fingerprint,
    'AdmissionRuleCreate.usernames': ['press-*'],
    'AdmissionRuleCreate.roles': [roleId],
    'AdmissionRuleUpdate.name': 'presses',
    'AdmissionRuleUpdate.authority': fingerprint,
    'AdmissionRuleUpdate.usernames': ['press-*'],
    'AdmissionRuleUpdate.roles': [roleId],
    maxPerHour: 100,
    maxTotal: 1_000,
    admittedLastHour: 3,
    'UnknownDevice.username': 'press-7',
    'UnknownDevice.authority': fingerprint,
    'UnknownDevice.authorityName': 'Plant CA',
    'UnknownDevice.address': '192.0.2.7',
    'UnknownDevice.lastAt': ends,
    'DeniedDevice.username': 'press-7',
    'DeniedDevice.at': made,
    'DeniedDevice.by': 'admin',
    cause: 'deleted',
    admissionRule: 'presses',
  },
  bodies: {
    'admissionRules.create': {
      'The presses of line 3': {
        name: 'presses',
        authority: fingerprint,
        usernames: ['press-*'],
        roles: [roleId],
        enabled: true,
      },
    },
    'admissionRules.update': { 'Turn it off': { enabled: false } },
    'admissionRules.preview': {
      'Which devices were refused': {},
      'What a rule would admit': { authority: fingerprint, usernames: ['press-*'] },
    },
    'deniedDevices.deny': { 'A stolen device': { username: 'press-7' } },
  },
  answers: {
    'admissionRules.preview': {
      items: [
        {
          username: 'press-7',
          authority: fingerprint,
          authorityName: 'Plant CA',
          address: '192.0.2.7',
          lastAt: made,
          count: 4,
          state: 'unknown',
        },
      ],
      isMore: false,
      warnings: [],
    },
  },
}
