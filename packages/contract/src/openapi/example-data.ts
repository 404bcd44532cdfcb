/** The ids, times and texts that several examples share, so that the same thing looks the same everywhere in the document. */
export const ids = {
  user: '019d2a3c-6f10-7c42-9b1e-5a7c0d2e4f61',
  role: '019d2a3b-1c55-7e0a-8f43-2b9d6c7a1e05',
  token: '019d2a3d-90ab-7d13-a2c4-8e6f1b3d5c72',
  session: '019d2a3e-44c2-7b9f-b6d8-1f3a5c7e9d04',
  event: '019d2a3f-7e21-7a65-8c90-6d4b2a1f0e93',
}
export const made = '2026-11-20T08:15:00.000Z'
export const seen = '2026-11-22T06:41:07.512Z'
export const ends = '2027-11-20T08:15:00.000Z'
export const fingerprint = '8c1f5a0e6b7d4c3928f1e0d5b6a79483c2d1e0f9a8b7c6d5e4f30291807f6e5d'
export const password = 'nine slow ferries at dawn'
export const certificatePem = '-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ4…\n-----END CERTIFICATE-----\n'
