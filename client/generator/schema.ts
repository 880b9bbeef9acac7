/** Reading of an OpenAPI document, which is of any shape until it has been looked at. */
export type Node = Readonly<Record<string, unknown>>;

export function toNode(value: unknown): Node {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export function toNodes(value: unknown): Node[] {
  return Array.isArray(value) ? value.map(toNode) : [];
}

export function toTexts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}

/** What is at the end of these names. */
export function within(value: unknown, ...names: readonly string[]): Node {
  return names.reduce<Node>((node, name) => toNode(node[name]), toNode(value));
}
