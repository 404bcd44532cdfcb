/** Examples of the overview: its figures depend on each other, so whole answers are written out. */
import { ends, fingerprint, ids, made, seen } from '../openapi/example-data.ts'
import type { FeatureDocs } from '../openapi/feature-docs.ts'

const steps = [0, 3, 2]

export const docs: FeatureDocs = {
  answers: {
    'overview.view': {
      users: {
        total: 412,
        factorMissing: 3,
        lastSignIns: [{ id: ids.user, username: 'line-3-press', kind: 'machine', at: seen }],
      },
      authorities: { total: 4, expiries: { expired: 0, '7-days': 0, '30-days': 1, '60-days': 1 } },
      broker: { running: true, listeners: [], failedListeners: [], connections: 318, serverCertificate: null },
      providers: [
        {
          id: '019d2a41-3c9e-7d52-8b16-4f0a2c6e8d13',
          label: 'Plant directory',
          trouble: 'not-checked',
          since: '2026-11-20T08:00:00.000Z',
          users: 0,
        },
      ],
      brokers: [{ id: '019d2a41-5e2d-7a90-8c17-4f6b2d8e0a35', name: 'hall-2', trouble: 'behind' }],
      certificates: { expired: 0, '7-days': 2, '30-days': 9, '60-days': 14 },
      storage: { state: 'low', freeBytes: 402_653_184 },
      refusals: { since: seen, count: 7, isMore: false },
      admissions: { since: seen, count: 2, blockedRules: 0 },
    },
    'overview.expiries': {
      next: [
        {
          kind: 'seen',
          fingerprint,
          name: 'line-3-press',
          notBefore: made,
          notAfter: ends,
          userId: ids.user,
        },
      ],
      from: seen,
      weeks: { authority: [0, 0, 1], issued: [0, 2, 0], seen: [4, 9, 31] },
    },
    'overview.activity': {
      from: seen,
      stepSeconds: 900,
      connections: [316, 318, 318],
      broker: { admitted: steps, refused: [0, 0, 7] },
      console: null,
    },
  },
}
