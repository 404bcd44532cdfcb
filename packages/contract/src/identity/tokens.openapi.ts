/** Descriptions and examples of the token routes. */
import { ids, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const readUsers = { context: 'http', resource: '/api/users/#', operation: 'read' }

export const docs: FeatureDocs = {
  descriptions: {
    Token: 'A token, without its secret.',
    TokenMade: 'A new token. `token` is its secret: it is in this answer and nowhere else.',
    'Token.permissions': 'Narrowed to these; null: whatever its user may do.',
    'Token.expiresAt': 'Null: never.',
    'Token.lastUsedAt': 'To the minute.',
    'TokenCreate.expiresAt': 'Thirty days from now when left out; null for never.',
    'TokenCreate.permissions':
      'None of them may go beyond what the caller holds. Left out or null: whatever its user may do, now and later.',
    hasGrant: 'Whether the user may have tokens at all.',
  },
  values: {
    'Token.id': ids.token,
    'Token.permissions': [readUsers],
    'TokenMade.id': ids.token,
    'TokenMade.permissions': [readUsers],
    'TokenMade.lastUsedAt': null,
    'TokenCreate.permissions': [readUsers],
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
      'For reading users, until a day': {
        label: 'nightly import',
        expiresAt: '2027-11-20T08:15:00Z',
        permissions: [readUsers],
      },
      'For whatever I may do, for ever': { label: 'deployment', expiresAt: null },
    },
  },
}
