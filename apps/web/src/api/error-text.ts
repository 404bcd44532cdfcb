/** What a person reads when something was refused. */
export interface ErrorWords {
  title: string
  /** What was kept, and what to do. */
  advice?: string
}
