/** The introduction to the API and the description of each area; see `FeatureDocs` for the rest. */
import { descriptions } from './all-docs.ts'

export const introduction = `
The console works through this API alone.

**Authentication.** A script sends \`Authorization: Bearer <token>\`. It gets the token from \`POST /api/login\`, or its user makes one in
the console. A token may do what its user may do at that moment, or less if it was narrowed. A browser has a session cookie; with it,
every request that changes something needs the header \`X-Requested-With: gatehouse\`.

**Authorization.** A route that needs a permission is judged by its path: \`GET /api/users/…\` needs an \`http\` permission that covers
the path for \`read\`, such as \`/api/users/#\`; other methods need \`write\`.

**Lists** take \`limit\` (1–200), \`cursor\` (the \`nextCursor\` of the previous page), \`sort\` (with a leading \`-\` for descending order), \`search\`
and filters such as \`name[eq]\`. \`total\` is null where more than 10,000 entries match.

**Versions.** Objects with a \`version\` are also answered with it as \`ETag\`. Send it back as \`If-Match\`, and the server refuses the change
with 412 \`changed_meanwhile\` if someone else changed the object in the meantime.

**Refusals** are \`application/problem+json\` (RFC 9457). \`code\` is stable; \`fields\` names the faults of single fields. Unknown fields and
parameters are refused, not ignored.
`.trim()

/** The areas, in the order of the document. */
export const areas: Readonly<Record<string, string>> = {
  Session: 'Signing in and out in a browser, step by step.',
  'Own account': 'The own password, second factor and sessions. Not with a token.',
  Tokens: 'Credentials of scripts. Secrets are shown once and stored as hashes.',
  Users: 'People and machines, their permissions, and the methods by which they sign in.',
  Roles: 'Named sets of permissions that users can have.',
  Permissions: 'Permissions with their holders, and what a user may do.',
  Overview: 'What needs attention, and activity over time.',
  Authorities: 'The CA certificates whose client certificates the broker trusts.',
  'Client certificates':
    'Client certificates that were issued here or seen at the broker. Private keys never leave the client.',
  'Certificate checks': 'Whether the broker would accept a certificate, and if not, why.',
  Revocations: 'Revoked certificates, and the CRLs of authorities.',
  Broker: 'Listeners, live connections, and the decisions about clients.',
  Audit: 'Who did what, when and from where.',
  Settings: 'Policies of the installation. Changes apply at once.',
}

/** Returns the description of a schema or a field as a part of its JSON Schema; empty if there is none. */
export function sentenceOn(name: string, owner?: string): { description?: string } {
  const description = (owner && descriptions[`${owner}.${name}`]) ?? descriptions[name]
  return description ? { description } : {}
}
