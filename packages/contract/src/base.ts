/** Shapes that all features share: ids, times, names. */
import * as z from 'zod/mini'

/** UUIDv7 (RFC 9562 §5.7), or any other UUID that a caller sends. */
export const Id = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i))

/** A time in RFC 3339, UTC, with milliseconds. */
export const Time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/))

/**
 * A time that a caller sends, with or without fractions of a second. Refuses dates that do not exist; the output has
 * milliseconds.
 */
export const GivenTime = z.pipe(
  Time.check(z.refine(isOnTheCalendar, 'invalid')),
  z.transform((time) => new Date(time).toISOString()),
)

function isOnTheCalendar(time: string): boolean {
  const read = new Date(time)
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 19) === time.slice(0, 19)
}

/** SHA-256 in lower-case hexadecimal, which identifies a certificate. */
export const Fingerprint = z.string().check(z.regex(/^[0-9a-f]{64}$/))

/**
 * One line of text for display. Refuses control characters, characters that change the direction of text, and half
 * surrogate pairs.
 */
export function line(maxLength: number) {
  return z
    .string()
    .check(
      z.minLength(1, 'required'),
      z.maxLength(maxLength, 'too_long'),
      z.regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'invalid'),
      z.regex(/^\S(.*\S)?$/su, 'invalid'),
    )
}

/** Several lines of text for display. */
export function text(maxLength: number) {
  return z
    .string()
    .check(
      z.minLength(1, 'required'),
      z.maxLength(maxLength, 'too_long'),
      z.regex(/^(?:\n|[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}])*$/u, 'invalid'),
    )
}

export const ById = z.strictObject({ id: Id })

/** 1 at creation, and one more with each change. Also sent as the `ETag`. */
export const Version = z.number()

/** What a change did on one broker. */
export const BrokerResult = z.object({
  id: z.string(),
  name: z.string(),
  /** False: the broker did not confirm the change within two seconds. It follows later. */
  confirmed: z.boolean(),
  /** Null: the broker does not count the connections that it ended, or did not confirm. */
  disconnected: z.nullable(z.number()),
})
export type BrokerResult = z.output<typeof BrokerResult>

/** Fields of each answer to a change that brokers enforce: the sum of what they counted, and what each of them did. */
export const enforced = {
  disconnected: z.nullable(z.number()),
  disconnectedByBroker: z.array(BrokerResult),
}

/** What a change would end on one broker. */
export const BrokerImpact = z.object({
  id: z.string(),
  name: z.string(),
  /**
   * Whose connections would end. `all`: those of all its clients, of which those that it still trusts connect again. Null: the
   * broker is away or did not answer. It follows the change later.
   */
  ends: z.nullable(z.enum(['nothing', 'concerned', 'all'])),
  /** Null: the broker does not count them. */
  connections: z.nullable(z.number()),
  /** A user without rights can still connect there with a certificate, because the broker itself decides about certificates. */
  admitsWithoutRights: z.boolean(),
})
export type BrokerImpact = z.output<typeof BrokerImpact>

/** Fields of each preview of a change that brokers enforce. */
export const foreseen = {
  /** Live connections that would end on the embedded broker; null if it did not answer in time. */
  connections: z.nullable(z.number()),
  /** For each broker, the embedded one first. */
  connectionsByBroker: z.array(BrokerImpact),
}

/** Whether tokens made in the console end together with the password. Tokens of `/login` always end. */
export const EndTokens = z._default(z.boolean(), true)
