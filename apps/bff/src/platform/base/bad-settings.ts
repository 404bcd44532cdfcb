/** What is wrong with the settings, or with what they name, a line each: said without a stack, and the start stops. */
export class BadSettings extends Error {
  readonly lines: string[]

  constructor(lines: string[], options?: ErrorOptions) {
    super(lines.join('\n'), options)
    this.name = 'BadSettings'
    this.lines = lines
  }
}
