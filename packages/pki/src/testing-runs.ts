/** How many cases a test generates: `count`, or five times as many in `npm test -- --all`. Its time limit is multiplied likewise. */
export function runs(count: number): number {
  return process.env['GATEHOUSE_TEST_ALL'] ? 5 * count : count
}
