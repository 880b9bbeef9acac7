import { relayRules, throttlingRules } from './rules/relay.js';
import type { Rule } from './rules/rule.js';
import { restRules, statusRules } from './rules/statuses.js';
import { transportRules } from './rules/transport.js';
import { wordRules } from './rules/words.js';

/** All rules; the first that fits decides, so the more telling come first. */
export const rules: readonly Rule[] = [
  ...transportRules,
  ...relayRules,
  ...throttlingRules,
  ...wordRules,
  ...statusRules,
  ...restRules,
];
