/** What the library leaves out for those who do not see the page: names of fields, the order of headings, what can be scrolled by keyboard. */

const missing: readonly [selector: string, attribute: string, value: string][] = [
  ['select#servers', 'aria-label', 'Server'],
  ['select.examples-select-element', 'aria-label', 'Example'],
  ['textarea', 'aria-label', 'Body'],
  ['pre', 'tabindex', '0'],
  ['h3.opblock-tag', 'aria-level', '2'],
  ['h4', 'aria-level', '3'],
  ['.information-container', 'role', 'region'],
  ['.information-container', 'aria-label', 'What holds for all of it'],
  ['.scheme-container', 'role', 'region'],
  ['.scheme-container', 'aria-label', 'Who calls'],
]

/** Again after every change: the library draws what one opens. */
export function completeForReaders(place: Element): void {
  new MutationObserver(() => {
    for (const [selector, attribute, value] of missing)
      for (const element of place.querySelectorAll(`${selector}:not([${attribute}])`))
        element.setAttribute(attribute, value)
  }).observe(place, { childList: true, subtree: true })
}

interface Library {
  React: { createElement: (tag: 'span', props: null, text: string) => unknown }
}

/** A path is a link inside a button, which no reader can tell apart; the button opens the same, and writes the same address. */
export function withoutLinksInButtons({ React }: Library) {
  return { components: { DeepLink: ({ text }: { text: string }) => React.createElement('span', null, text) } }
}
