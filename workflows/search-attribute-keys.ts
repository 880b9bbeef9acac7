/** Our search attributes as typed keys: for clients that start workflows, and for workflows that change them. */
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { SEARCH_ATTRIBUTES } from './names.js';

const keyword = (name: string): ReturnType<typeof defineSearchAttributeKey<'KEYWORD'>> =>
  defineSearchAttributeKey(name, SearchAttributeType.KEYWORD);

export const PLATFORM_KEY = keyword(SEARCH_ATTRIBUTES.platform);
export const CONTEXT_KEY = keyword(SEARCH_ATTRIBUTES.context);
export const TRIGGER_KEY = keyword(SEARCH_ATTRIBUTES.trigger);
export const STATE_KEY = keyword(SEARCH_ATTRIBUTES.state);
export const RUN_KEY = keyword(SEARCH_ATTRIBUTES.run);
export const BACKFILL_KEY = keyword(SEARCH_ATTRIBUTES.backfill);
export const REJECTED_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.rejected, SearchAttributeType.INT);
