/** What only `npm test -- --all` does within a story. A whole story has the tag `@all` instead. */
export const isAll = Boolean(process.env['GATEHOUSE_TEST_ALL'])
