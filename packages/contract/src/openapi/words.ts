/** What the document says about the whole API and about each area; see `FeatureDocs` for the rest. */
import { descriptions } from './all-docs.ts'

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

export function sentenceOn(name: string, owner?: string): { description?: string } {
  const description = (owner && descriptions[`${owner}.${name}`]) ?? descriptions[name]
  return description ? { description } : {}
}
