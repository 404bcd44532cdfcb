/** Examples of signing in, of the own password, and of `/login`. */
import { ids, password } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  values: {
    'SignIn.username': 'maria',
    stage: 'full',
    'Session.user': {
      id: ids.user,
      username: 'maria',
      displayName: 'Maria Lindqvist',
      identityProvider: 'local',
      roleNames: ['line-3-operators'],
    },
    'Session.lifetime': { idleSeconds: 1_800, remainingSeconds: 41_370 },
    'Session.version': '0.1.0',
    mfaEnabled: true,
    continueAt: null,
    notice: 'mfa-reset',
    min: 15,
    minWithFactor: 12,
    lower: 0,
    upper: 0,
    numeric: 0,
    symbol: 0,
    blocklist: true,
  },
  bodies: {
    'session.login': {
      'With a password': { username: 'admin', password, expireTimeInHours: 24, label: 'nightly import' },
      'With a second factor': { username: 'admin', password, code: '492039' },
    },
  },
}
