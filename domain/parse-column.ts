import type { Fields } from './fields.js';
import { ItemFault } from './item-fault.js';

/** A column as callers name it: by its LMS id, by the activity it hangs on, or by the tool's own resource and tag. */
export type ColumnName =
  | { id: string }
  | { resourceLinkId: string }
  | { resourceId: string; tag?: string; label: string; scoreMaximum: number };

export const COLUMN_MEMBERS = ['id', 'resourceLinkId', 'resourceId', 'tag', 'label', 'scoreMaximum'];

/** The longest label and tag: what AGS's own examples and every LMS that we know can hold. */
const LABEL_LENGTH = 1_024;

/**
 * Reads how a column is named: by its id, else by the tool's own resource, else by the resource link. Where several are
 * given the first of these counts, so that a whole line item of an LMS may be sent back.
 */
export function parseColumn(fields: Fields): ColumnName {
  fields.noneMisspelt(COLUMN_MEMBERS);
  const id = fields.optionalId('id');
  if (id !== undefined) return { id };
  const resourceLinkId = fields.optionalId('resourceLinkId');
  const resourceId = fields.optionalId('resourceId');
  if (resourceId !== undefined) {
    const tag = fields.optionalId('tag', { mayBeEmpty: true });
    return {
      resourceId,
      ...(tag !== undefined && tag !== '' && { tag }),
      label: fields.text('label', LABEL_LENGTH),
      scoreMaximum: fields.positiveNumber('scoreMaximum'),
    };
  }
  if (resourceLinkId !== undefined) return { resourceLinkId };
  throw new ItemFault('invalid-score', 'lineItem needs an id, a resourceLinkId or a resourceId.', '/lineItem');
}
