/** A ref that moves the focus to what was just shown, such as the next step of a dialog: the element that had it is no longer there. */
export function takeFocus(element: HTMLElement | null): void {
  element?.focus()
}
