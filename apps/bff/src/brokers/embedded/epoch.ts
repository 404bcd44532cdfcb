/** Rises with each change that the broker enforces. Facts that a CONNECT read in an earlier epoch may be old. */
export class Epoch {
  current = 0

  rise(): void {
    this.current++
  }
}
