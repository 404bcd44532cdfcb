/** Descriptions and examples of the shapes that all features share. */
import { ends, fingerprint, ids, made, seen } from './openapi/example-data.ts'
import type { FeatureDocs } from './openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  descriptions: {
    Id: 'UUIDv7 of RFC 9562: sorts by the time of making.',
    Time: 'RFC 3339, in UTC.',
    GivenTime: 'RFC 3339, in UTC, with or without fractions of a second.',
    Fingerprint: 'SHA-256 of the certificate, in lower-case hexadecimal.',
    Version: 'Rises by one with each change.',
    Problem: 'A refusal, RFC 9457.',
    disconnected: 'Live connections that this ended; null where the broker did not confirm within two seconds.',
    limit: 'How many at once; 50 unless told otherwise.',
    cursor: 'The `nextCursor` of the page before.',
    search: 'What is looked for, without regard to case.',
    sort: '`-` before it for descending.',
    nextCursor: 'Null on the last page.',
    total: 'How many match; null for more than 10,000.',
    fields: 'What is wrong, by the path of the field: `grantTypes.0.method`.',
    facts: 'What one needs to know to put it right, such as the permission that is missing.',
    requestId: 'Names this request in the server’s log.',
  },
  values: {
    Id: ids.user,
    Time: made,
    GivenTime: ends,
    Version: 3,
    Fingerprint: fingerprint,
    fingerprint,
    PageSize: 50,
    SearchText: 'line-3',
    search: 'line-3',
    cursor: 'WyJsaW5lLTMtcHJlc3MiLCIwMTlkMmEzYyJd',
    nextCursor: null,
    total: 1,
    disconnected: 1,
    connections: 2,
    warnings: [],
    address: '192.0.2.17',
    at: seen,
  },
}
