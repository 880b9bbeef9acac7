/** Where something stands in a document of JSON. https://www.rfc-editor.org/rfc/rfc6901 */

const POINTER = /^(\/([^~\0]|~[01])*)?$/u;

export function isPointer(text: string): boolean {
  return POINTER.test(text);
}

/** What stands there; undefined where there is nothing. Members of prototypes are nothing. */
export function readPointer(document: unknown, pointer: string): unknown {
  if (pointer === '') return document;
  const tokens = pointer.slice(1).split('/').map(unescape);
  return tokens.reduce<unknown>(readMember, document);
}

/**
 * Where a list stands on the way to what a pointer names, of which the pointer takes one of several things, or that it has no
 * index for. What lies beside it would be lost without a word.
 */
export function findListOnTheWay(document: unknown, pointer: string): string | undefined {
  const tokens = pointer.split('/').slice(1);
  let value = document;
  for (const [place, token] of tokens.entries()) {
    if (Array.isArray(value)) {
      const isOneOfMany = value.length > 1 && value.some((entry) => typeof entry === 'object' && entry !== null);
      if (isOneOfMany || !isIndex(token)) return ['', ...tokens.slice(0, place)].join('/');
    }
    value = readMember(value, unescape(token));
  }
  return undefined;
}

/** Whether a token names a thing in a list. */
export function isIndex(token: string): boolean {
  return INDEX.test(token);
}

/** Whether it points to something inside of what `outer` points to. */
export function isWithin(pointer: string, outer: string): boolean {
  return pointer.startsWith(`${outer}/`);
}

const INDEX = /^(0|[1-9]\d{0,8})$/;
const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

function readMember(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return isIndex(name) ? value[Number(name)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

/** Where a member stands (RFC 6901), given where its object does. */
export function pointerTo(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
