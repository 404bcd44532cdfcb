/**
 * Invalid settings, or invalid files that they name; one line each. The start prints the lines without a stack and
 * stops.
 */
export class BadSettings extends Error {
  readonly lines: string[]

  constructor(lines: string[], options?: ErrorOptions) {
    super(lines.join('\n'), options)
    this.name = 'BadSettings'
    this.lines = lines
  }
}
