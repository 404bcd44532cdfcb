/** A node of a tree by topic levels. */
export interface LevelNode<Node> {
  children: Map<string, Node> | undefined
}

/**
 * Removes the nodes at the end of a branch that hold nothing and have no children.
 * @param branch from the root: each parent with the level of its child. @param holds true if the node itself holds something.
 */
export function prune<Node extends LevelNode<Node>>(
  branch: readonly (readonly [parent: Node, level: string])[],
  holds: (node: Node) => boolean,
): void {
  for (const [parent, level] of branch.toReversed()) {
    const child = parent.children?.get(level)
    if (child && (holds(child) || (child.children && child.children.size > 0))) return
    parent.children?.delete(level)
  }
}
