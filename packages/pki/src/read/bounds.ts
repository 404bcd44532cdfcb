// Bounds on what is read of a certificate, a request or a revocation list before anybody vouches for it. Without them a name of thousands
// of parts cost a thousand times as much as an ordinary one, in the thread that serves all clients.

/** Several times what the largest certificates in use have. What is over a bound is refused as too large. */
export const bounds = {
  /** One certificate. */
  certificateBytes: 64 * 1024,
  /** What a TLS client presents, in all. */
  presentedCertificates: 10,
  presentedBytes: 64 * 1024,
  /** One distinguished name (RFC 5280 §4.1.2.4), and the attributes of all its parts together. */
  nameBytes: 4 * 1024,
  nameAttributes: 32,
  /** All extensions of one certificate, list or entry of a list. */
  extensionBytes: 32 * 1024,
  /** Alternative names, or subtrees of name constraints, of one certificate. */
  generalNames: 1024,
  /** Certificates inside one PKCS#7. */
  bundledCertificates: 10_000,
  /** Elements of anything else: extensions, usages, parts of a name. */
  parts: 64,
} as const
