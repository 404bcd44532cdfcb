/** Shapes without a feature of their own: ids, times, names. */
import * as z from 'zod/mini'

/** UUIDv7 (RFC 9562 §5.7), or any other UUID that a caller sends. */
export const Id = z.string().check(z.regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i))

/** A moment, RFC 3339 in UTC with milliseconds. */
export const Time = z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/))

/** A moment as a caller names it, with or without fractions of a second; becomes what is stored. No 30th of February. */
export const GivenTime = z.pipe(
  Time.check(z.refine(isOnTheCalendar, 'invalid')),
  z.transform((time) => new Date(time).toISOString()),
)

function isOnTheCalendar(time: string): boolean {
  const read = new Date(time)
  return !Number.isNaN(read.getTime()) && read.toISOString().slice(0, 19) === time.slice(0, 19)
}

/** SHA-256 in lower-case hexadecimal: how a certificate is named. */
export const Fingerprint = z.string().check(z.regex(/^[0-9a-f]{64}$/))

/** One line that people read: no control characters, none that turn the direction of text, no halves of one. */
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

/** Several lines that people read. */
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

/** 1 at creation, one more with each change; travels as the `ETag` as well. */
export const Version = z.number()

/** Says whether the tokens that were made in the console end with the password too; the others do in any case. */
export const EndTokens = z._default(z.boolean(), true)
