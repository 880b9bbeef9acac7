/** What stands for a member of that name, wherever it is. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  platformId: 'canvas-of-the-north',
  deploymentId: '1:a93f',
  contextId: '4711',
  resourceLinkId: 'b7c1',
  lineItemId: 'https://canvas.example/api/lti/courses/4711/line_items/23',
  userId: '8d1c6b1e-0f0a-4f3e-9a55-5a7f1c2d9e10',
  resourceId: 'quiz-3',
  tag: 'grade',
  label: 'Quiz 3',
  title: 'Quiz 3',
  family: 'canvas',
  productFamilyCode: 'canvas',
  scoreGiven: 7.5,
  scoreMaximum: 10,
  activityProgress: 'Completed',
  gradingProgress: 'FullyGraded',
  reason: 'the column takes 10 now',
  author: 'Quality team',
  name: 'grader',
  source: 'grader',
  reference: 's-1',
  cron: '30 3 * * *',
  timeZone: 'Europe/Brussels',
  workflowId: 'send/3f0c9d5e-7a41-4a55-9d0e-0b1f6f3a2c11',
  url: 'https://temporal.example/namespaces/default/workflows/send',
  sentence: 'The LMS refused this score.',
  advice: 'Read what the LMS said, correct the score and send it again.',
};

const BY_FORMAT: Readonly<Record<string, string>> = {
  uuid: '3f0c9d5e-7a41-4a55-9d0e-0b1f6f3a2c11',
  'date-time': '2026-11-27T02:00:00.000Z',
  uri: 'https://example.org/',
};

export type Schema = Readonly<Record<string, unknown>>;

/**
 * A value that a schema allows, as a reader would expect it: made up from the schema, so that none is out of date.
 * @param whole all members and not only the required ones
 * @param resolve gives what a `$ref` points to
 */
export function sampleOf(
  schema: Schema,
  { resolve, whole, name = '' }: { resolve: (ref: string) => Schema; whole: boolean; name?: string },
): unknown {
  const next = (inner: unknown, innerName = name): unknown =>
    sampleOf(toSchema(inner), { resolve, whole, name: innerName });
  if (typeof schema['$ref'] === 'string') return next(resolve(schema['$ref']));
  if ('const' in schema) return schema['const'];
  if ('contentSchema' in schema) return JSON.stringify(next(schema['contentSchema']));
  const variants = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(variants)) {
    const isNull = (variant: unknown): boolean => toSchema(variant)['type'] === 'null';
    // An item that went well has none.
    if (name === 'problem' && variants.some(isNull)) return null;
    return next(variants.find((variant) => !isNull(variant)));
  }
  const allowed = schema['enum'];
  const known = BY_NAME[name];
  if (Array.isArray(allowed)) return allowed.includes(known) ? known : allowed[0];
  if (Array.isArray(schema['examples'])) return schema['examples'][0];
  if ('default' in schema) return schema['default'];
  if (schema['type'] === 'null') return null;
  const type = [schema['type']].flat().find((one) => one !== 'null');
  if (type === 'object') return sampleObject(schema, whole, next);
  if (type === 'array') return [next(schema['items'])];
  if (type === 'boolean') return false;
  if (type === 'integer' || type === 'number') return sampleNumber(schema, known);
  if (type === undefined) return {};
  return sampleText(schema, known);
}

function sampleObject(
  schema: Schema,
  whole: boolean,
  next: (inner: unknown, name: string) => unknown,
): Record<string, unknown> {
  const required: unknown[] = Array.isArray(schema['required']) ? schema['required'] : [];
  const members = Object.entries(toSchema(schema['properties'])).filter(([name]) => whole || required.includes(name));
  return Object.fromEntries(members.map(([name, inner]) => [name, next(inner, name)]));
}

function sampleNumber({ minimum = 0, maximum }: Schema, known: unknown): unknown {
  if (typeof known === 'number') return known;
  return typeof maximum === 'number' && maximum < 1 ? maximum : Math.max(Number(minimum), 1);
}

function sampleText({ format, minLength = 0, maxLength }: Schema, known: unknown): string {
  if (typeof format === 'string' && format in BY_FORMAT) return BY_FORMAT[format] ?? '';
  const text = typeof known === 'string' ? known : 'text';
  return text.padEnd(Number(minLength), '-').slice(0, typeof maxLength === 'number' ? maxLength : undefined);
}

export function toSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}
