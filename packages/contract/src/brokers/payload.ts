/** The payload of an MQTT message, as it travels to the console. */
import * as z from 'zod/mini'

/** The most bytes of a payload that an answer contains. */
export const maxShownPayloadBytes = 65_536

/** Any bytes: what they mean is between publisher and subscriber. */
export const Payload = z.object({
  /** The first bytes, at most 64 KiB. */
  base64: z.string(),
  /** How many the payload has in all. */
  bytes: z.number(),
})
export type Payload = z.output<typeof Payload>
