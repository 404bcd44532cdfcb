/** What the document says in sentences: about the whole, about each area, and about names that do not explain themselves. */

export const introduction = `
Everything that the console does, it does through this API.

**Who calls.** A script sends \`Authorization: Bearer <token>\`; it gets its token from \`POST /api/login\`, or its user makes one in the
console. A token may do what its user may do at that moment, less where it was narrowed. The browser has a session cookie; with it, every
call that changes something needs the header \`X-Requested-With: gatehouse\`.

**What is allowed.** A route that needs a permission is judged on its own path: \`GET /api/users/…\` needs an \`http\` permission that
covers it for \`read\`, such as \`/api/users/#\`; other methods need \`write\`.

**Lists** take \`limit\` (1–200), \`cursor\` (the \`nextCursor\` of the page before), \`sort\` (\`-\` before it for descending), \`search\`
and filters such as \`name[eq]\`. \`total\` is null where more than 10,000 entries match.

**Versions.** What has a \`version\` answers with it as \`ETag\` too. Sent back as \`If-Match\`, it keeps a change that somebody else made
meanwhile from being overwritten: 412 \`changed_meanwhile\`.

**Refusals** are \`application/problem+json\` (RFC 9457). \`code\` is stable; \`fields\` says what is wrong with which field. Unknown fields
and parameters are refused, not ignored.
`.trim()

/** The areas, in the order of the document. */
export const areas: Readonly<Record<string, string>> = {
  Session: 'Signing in and out in a browser, step by step.',
  'Own account': 'What everybody may do about their own password, second factor and sessions. Not with a token.',
  Tokens: 'What scripts show instead of a password. Secrets are shown once and kept as hashes.',
  Users: 'People and machines that may sign in, what they may do, and how they prove who they are.',
  Roles: 'Named sets of permissions, to be given to users.',
  Permissions: 'Who may do what, asked from the other end.',
  Overview: 'What needs attention, and what happened over time.',
  Authorities: 'The CA certificates whose client certificates are trusted by the broker.',
  'Client certificates': 'What was issued here for machines to sign in with. Private keys stay where they are made.',
  'Certificate checks': 'Whether the broker would let one in, and why not.',
  Revocations: 'Single certificates that are no longer believed, and the lists that authorities publish.',
  Broker: 'Listeners, live connections, and why clients were admitted or refused.',
  Audit: 'Who did what to which thing, when and from where.',
  Settings: 'Policies of the installation. They hold at once.',
}

/** By name of a schema, of a field of it, or of a field wherever it occurs. */
const sentences: Readonly<Record<string, string>> = {
  Id: 'UUIDv7 of RFC 9562: sorts by the time of making.',
  Time: 'RFC 3339, in UTC.',
  GivenTime: 'RFC 3339, in UTC, with or without fractions of a second.',
  Fingerprint: 'SHA-256 of the certificate, in lower-case hexadecimal.',
  Version: 'Rises by one with each change.',
  Resource:
    'A topic filter or, in the context `http`, a path that begins with `/`. Both know `+` for one level and `#` for all the rest.',
  Permission:
    'One thing that a holder may do. `http`: a path of this API, `read` or `write`. `mqtt`: a topic filter, `read` is to subscribe, `write` to publish.',
  Problem: 'A refusal, RFC 9457.',
  GrantType:
    'A way to sign in. On MQTT: where any is required, all required ones must be shown in one CONNECT, else any one is enough.',
  Username: 'Unique without regard to case, matched exactly. The Common Name of a certificate is compared with it.',
  PublishPrefix: 'Put before every topic that the user publishes to, literally.',
  Token: 'A token, without its secret.',
  TokenMade: 'A new token. `token` is its secret: it is in this answer and nowhere else.',
  'Token.permissions': 'Narrowed to these; null: whatever its user may do.',
  'Token.expiresAt': 'Null: never.',
  'Token.lastUsedAt': 'To the minute.',
  'TokenCreate.expiresAt': 'Thirty days from now when left out; null for never.',
  'TokenCreate.permissions':
    'None of them may go beyond what the caller holds. Left out or null: whatever its user may do, now and later.',
  disconnected: 'Live connections that this ended; null where the broker did not confirm within two seconds.',
  limit: 'How many at once; 50 unless told otherwise.',
  cursor: 'The `nextCursor` of the page before.',
  search: 'What is looked for, without regard to case.',
  sort: '`-` before it for descending.',
  nextCursor: 'Null on the last page.',
  total: 'How many match; null for more than 10,000.',
  hasGrant: 'Whether the user may have tokens at all.',
  disabledAt: 'Null: not disabled.',
  mqttPublishPrefix: 'Put before every topic that the user publishes to; null: nothing.',
  fields: 'What is wrong, by the path of the field: `grantTypes.0.method`.',
  facts: 'What one needs to know to put it right, such as the permission that is missing.',
  requestId: 'Names this request in the server’s log.',
}

export function sentenceOn(name: string, owner?: string): { description?: string } {
  const description = (owner && sentences[`${owner}.${name}`]) ?? sentences[name]
  return description ? { description } : {}
}
