/** Descriptions and examples of the token routes. */
import { ids, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const readUsers = { context: 'http', resource: '/api/users/#', operation: 'read' }

export const docs: FeatureDocs = {
  descriptions: {
    Token: 'A token, without its secret.',
    TokenMade: 'A new token. `token` is its secret, which only this answer contains.',
    'Token.permissions': 'The token is narrowed to these permissions; null: whatever its user may do.',
    'Token.expiresAt': 'When the token expires; null: never.',
    'Token.lastUsedAt': 'The last use, to the minute.',
    'TokenCreate.expiresAt': 'When the token expires; default: thirty days from now; null: never.',
    'TokenCreate.permissions':
      'The caller must hold all of them. Default or null: whatever its user may do, now and later.',
    hasGrant: 'Whether the user may have tokens.',
  },
  values: {
    'Token.id': ids.token,
    'Token.permissions': [readUsers],
    'TokenMade.id': ids.token,
    'TokenMade.permissions': [readUsers],
    'TokenMade.lastUsedAt': null,
    tokenId: ids.token,
    label: 'nightly import',
    origin: 'console',
    madeInConsole: 1,
    token: 'gth_7fJ2mQ9xVtB4sLw0KcR8yNdE3hGzPa6uXoI5kTbYqMv3Znd9',
    lastUsedAt: seen,
    hasGrant: true,
  },
  bodies: {
    'tokens.create': {
      'For reading users, with an end': {
        label: 'nightly import',
        expiresAt: '2027-11-20T08:15:00Z',
        permissions: [readUsers],
      },
      'For everything that its user may do, without an end': { label: 'deployment', expiresAt: null },
    },
  },
}
