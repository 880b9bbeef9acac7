import Type from 'typebox';
import { MEMBERSHIP_CHANGES, MEMBERSHIP_STATUSES, STANDINGS } from '../../domain/membership.js';
import { InstantSchema } from './building-blocks.js';

const NullableText = Type.Unsafe<string | null>({ type: ['string', 'null'] });
const PEOPLE = 'Null where it is not kept, or the key lacks the scope `people:read`.';
const NullableTexts = Type.Unsafe<string[] | null>({ type: ['array', 'null'], items: { type: 'string' } });

export const StatusSchema = Type.Enum([...MEMBERSHIP_STATUSES]);
export const StandingSchema = Type.Enum([...STANDINGS], {
  description: 'What the roles come to for grading. Scores of observers and test users are kept and not sent.',
});
export const ChangeNameSchema = Type.Enum([...MEMBERSHIP_CHANGES]);

export const MembershipSchema = Type.Object({
  userId: Type.String(),
  roles: Type.Array(Type.String()),
  standing: StandingSchema,
  status: StatusSchema,
  name: { ...NullableText, description: PEOPLE },
  email: { ...NullableText, description: PEOPLE },
  missedReads: Type.Integer({
    description: 'Whole rosters in a row that did not list this person; with the second, the status is Inactive.',
  }),
  updatedAt: InstantSchema,
});

export const MembershipChangeSchema = Type.Object({
  id: Type.String(),
  userId: Type.String(),
  change: ChangeNameSchema,
  status: StatusSchema,
  rolesBefore: NullableTexts,
  rolesAfter: Type.Unsafe<string[] | null>({
    type: ['array', 'null'],
    items: { type: 'string' },
    description: 'Null: the roster did not list the person.',
  }),
  at: InstantSchema,
});
