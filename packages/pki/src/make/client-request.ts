// Rule: the private key is made in the browser and only the caller gets it. The request contains only the public key.
// WebCrypto only.
// oxlint-disable-next-line import/no-unassigned-import -- @peculiar/x509 throws at import without it
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

export const clientKeyKinds = ['ECDSA P-256', 'RSA 3072', 'Ed25519'] as const
export type ClientKeyKind = (typeof clientKeyKinds)[number]

// The types are inferred: apps/bff has the types of Node, this package has those of the DOM.
type Subtle = typeof globalThis.crypto.subtle
type KeyPair = Extract<Awaited<ReturnType<Subtle['generateKey']>>, { privateKey: unknown }>

const algorithms = {
  'ECDSA P-256': { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' },
  'RSA 3072': {
    name: 'RSASSA-PKCS1-v1_5',
    modulusLength: 3072,
    publicExponent: new Uint8Array([1, 0, 1]),
    hash: 'SHA-256',
  },
  Ed25519: { name: 'Ed25519' },
} as const satisfies Record<ClientKeyKind, object>

/** A request (PKCS#10, RFC 2986) and its private key (PKCS#8), both DER. */
export interface ClientRequest {
  request: Uint8Array<ArrayBuffer>
  privateKey: Uint8Array<ArrayBuffer>
}

/**
 * Makes a key and a request for a certificate with this Common Name. Rejects if the browser does not support this kind
 * of key.
 */
export async function makeClientRequest(kind: ClientKeyKind, commonName: string): Promise<ClientRequest> {
  const { subtle } = globalThis.crypto
  const keys = (await subtle.generateKey(algorithms[kind], true, ['sign', 'verify'])) as KeyPair
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    // As an object: a name in text form would need escaping.
    name: new x509.Name([{ CN: [{ utf8String: commonName }] }]),
    keys,
    signingAlgorithm: algorithms[kind],
  })
  return {
    request: new Uint8Array(request.rawData),
    privateKey: new Uint8Array(await subtle.exportKey('pkcs8', keys.privateKey)),
  }
}

/** Returns the PEM text of DER (RFC 7468). */
export function armour(label: 'CERTIFICATE REQUEST' | 'PRIVATE KEY', der: Uint8Array<ArrayBuffer>): string {
  return `${x509.PemConverter.encode(der, label)}\n`
}

/** Returns the DER of all PEM blocks in this text, in order. */
export function openArmour(pem: string): Uint8Array<ArrayBuffer>[] {
  return x509.PemConverter.decode(pem).map((der) => new Uint8Array(der))
}

/**
 * Returns the kinds of keys that can be made here: not every browser has Ed25519, and without HTTPS there is no
 * WebCrypto.
 */
export async function findClientKeyKinds(): Promise<ClientKeyKind[]> {
  const { subtle } = globalThis.crypto as { subtle?: Subtle }
  if (!subtle) return []
  const hasEd25519 = await subtle.generateKey(algorithms.Ed25519, false, ['sign', 'verify']).then(
    () => true,
    () => false,
  )
  return clientKeyKinds.filter((kind) => kind !== 'Ed25519' || hasEd25519)
}
