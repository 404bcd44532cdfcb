/**
 * The form of a password for hashing and measuring: NFC (RFC 8265 §4.2.2), because keyboards and systems encode `ä` differently
 * (NIST SP 800-63B-4 §3.1.1.2). NFKC is rejected: it would make `²` and `2` equal.
 */
export function normalised(password: string): string {
  return password.normalize('NFC')
}
