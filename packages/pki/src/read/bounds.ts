// Limits on the parts of a certificate, a request or a CRL that are read before it is trusted. Without them a name of
// thousands of parts would cost a thousand times as much as a usual one, in the thread that serves all clients.

/** Several times the size of the largest certificates in use. Input over a limit is refused as too large. */
export const bounds = {
  /** Bytes of one certificate. */
  certificateBytes: 64 * 1024,
  /** Bytes of all certificates that a TLS client presents. */
  presentedCertificates: 10,
  presentedBytes: 64 * 1024,
  /** Bytes of one distinguished name (RFC 5280 §4.1.2.4), and the number of its attributes. */
  nameBytes: 4 * 1024,
  nameAttributes: 32,
  /** Bytes of all extensions of one certificate, CRL or CRL entry. */
  extensionBytes: 32 * 1024,
  /** Alternative names, or subtrees of name constraints, of one certificate. */
  generalNames: 1024,
  /** Certificates in one PKCS#7. */
  bundledCertificates: 10_000,
  /** Elements of any other list: extensions, usages, parts of a name. */
  parts: 64,
} as const
