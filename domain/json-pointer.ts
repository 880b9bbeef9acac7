/** Where something stands in a document of JSON. https://www.rfc-editor.org/rfc/rfc6901 */

const POINTER = /^(\/([^~\0]|~[01])*)?$/u;

export function isPointer(text: string): boolean {
  return POINTER.test(text);
}

/** What stands there; undefined where there is nothing. Members of prototypes are nothing. */
export function readPointer(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  const tokens = pointer
    .slice(1)
    .split('/')
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  return tokens.reduce<unknown>(readMember, document);
}

function readMember(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return /^(0|[1-9]\d{0,8})$/.test(name) ? value[Number(name)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** Where a member stands (RFC 6901), given where its object does. */
export function pointerTo(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
