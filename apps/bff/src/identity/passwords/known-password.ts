/**
 * A password at the moment when it was set or proved. Other brokers keep their own hash of it, which cannot be computed from the
 * stored one. It must not be stored or logged.
 */
export interface KnownPassword {
  userId: string
  username: string
  /** The stored hash that the password is right for. */
  credential: string
  password: string
}

/** Called after the commit. Returns at once. */
export type PasswordKnown = (known: KnownPassword) => void
