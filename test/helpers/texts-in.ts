/** Every text within something that was recorded: bytes are read as the texts that they are. */
export function textsIn(value: unknown): string {
  const texts: string[] = [];
  const visit = (one: unknown): void => {
    if (typeof one === 'string') texts.push(one);
    else if (one instanceof Uint8Array) texts.push(Buffer.from(one).toString('utf8'));
    else if (Array.isArray(one)) one.forEach(visit);
    else if (typeof one === 'object' && one !== null) {
      for (const [name, inner] of Object.entries(one)) {
        texts.push(name);
        visit(inner);
      }
    }
  };
  visit(value);
  return texts.join('\n');
}
