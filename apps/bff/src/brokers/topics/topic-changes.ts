/** What a live view of the broker's thread answers: the topics that have changed since it was asked last. */

export interface TopicChanges {
  /** The topics that the view shows since then. They are numbered from 0 in the order of all answers. */
  added: string[]
  /**
   * For each changed topic: its number, messages, bytes of the last payload, 1 if it is retained, the time of the last message in
   * milliseconds since 1970 (0: before the view), and how many bytes `samples` has of its payload.
   */
  figures: Float64Array
  /** The beginnings of the last payloads, one after the other. */
  samples: Uint8Array
  /** There are more topics than a view shows. */
  isMore: boolean
}

export const figuresPerTopic = 6
