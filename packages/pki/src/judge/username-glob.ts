/**
 * Returns true if `username` matches `glob`, in which `*` stands for any characters, also none. Case-sensitive. Takes
 * at most about `glob.length` times `username.length` steps; no regular expression is built, so it is never
 * exponential.
 */
export function usernameMatches(glob: string, username: string): boolean {
  const [head = '', ...pieces] = glob.split('*')
  const tail = pieces.pop()
  if (tail === undefined) return glob === username
  if (username.length < head.length + tail.length) return false
  if (!username.startsWith(head) || !username.endsWith(tail)) return false
  const middle = username.slice(head.length, username.length - tail.length)
  // Taking the leftmost match for each piece leaves the most room for the next, so no backtracking is needed.
  let from = 0
  for (const piece of pieces) {
    const found = middle.indexOf(piece, from)
    if (found < 0) return false
    from = found + piece.length
  }
  return true
}
