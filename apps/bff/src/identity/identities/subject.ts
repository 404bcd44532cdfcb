/** OpenID Connect Core §5.7: only the issuer together with `sub` identifies a person. An issuer has no space. */
export function oidcSubject(issuer: string, sub: string): string {
  return `${issuer} ${sub}`
}

/** `entryUUID` or `objectGUID` as text (RFC 4530 §2.1: case does not matter). */
export function ldapSubject(uuid: string): string {
  return uuid.toLowerCase()
}
