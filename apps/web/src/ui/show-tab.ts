/** The ref of the chosen tab: scrolls a row of tabs that is wider than a phone until that tab shows. */
export function showTab(tab: HTMLElement | null): void {
  tab?.scrollIntoView({ inline: 'nearest', block: 'nearest' })
}
