/** Descriptions and examples of the shapes that all features share. */
import { fingerprint, ids, made, seen } from './openapi/example-data.ts'
import type { FeatureDocs } from './openapi/feature-docs.ts'

export const docs: FeatureDocs = {
  descriptions: {
    Id: 'UUIDv7 (RFC 9562): sorts by the time of creation.',
    Time: 'RFC 3339, in UTC.',
    GivenTime: 'RFC 3339, in UTC, with or without fractions of a second.',
    Fingerprint: 'SHA-256 of the certificate, in lower-case hexadecimal.',
    Version: 'Rises by one with each change.',
    Problem: 'A refusal (RFC 9457).',
    disconnected: 'Live connections that this ended; null if the broker did not confirm within two seconds.',
    limit: 'Entries per page; default 50.',
    cursor: 'The `nextCursor` of the previous page.',
    search: 'Text to search for; case does not matter.',
    sort: 'The field to sort by; a leading `-` sorts in descending order.',
    nextCursor: 'Null on the last page.',
    total: 'The number of matching entries; null for more than 10,000.',
    fields: 'The fault of each field, by its path: `grantTypes.0.method`.',
    facts: 'Details for correcting the request, such as the missing permission.',
    requestId: 'Identifies this request in the server’s log.',
  },
  values: {
    Id: ids.user,
    Time: made,
    Version: 3,
    Fingerprint: fingerprint,
    fingerprint,
    PageSize: 50,
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
