/** Does the topic match the filter? Written straight from §4.7 of the specification, to compare the trees with. */
export function matchesFilter(filter: string, topic: string): boolean {
  const filters = filter.split('/')
  const topics = topic.split('/')
  if (topic.startsWith('$') && (filters[0] === '#' || filters[0] === '+')) return false
  for (const [i, level] of filters.entries()) {
    if (level === '#') return true
    if (i >= topics.length || (level !== '+' && level !== topics[i])) return false
  }
  return filters.length === topics.length
}
