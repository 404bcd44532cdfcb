/**
 * The form of a password that is hashed and measured: NFC, as RFC 8265 §4.2.2 says for passwords. Keyboards and systems differ in
 * how they spell `ä` (NIST SP 800-63B-4 §3.1.1.2). Not NFKC, which would also make `²` and `2` the same.
 */
export function normalised(password: string): string {
  return password.normalize('NFC')
}
