import { BOTH, BRINGS_OWN, key } from './key.js';
import * as parse from './parse.js';
import * as address from './parse-addresses.js';

/** Of Temporal, besides what its own loader reads (config/temporal.ts). */
export const temporalKeys = {
  TEMPORAL_ADDRESS: key(
    address.hostAndPort,
    'Temporal server; other TEMPORAL_* variables and temporal.toml work as in any Temporal client.',
    {
      requiredBy: BOTH,
      remedy: `give host:port of a Temporal server, ${BRINGS_OWN}`,
      unit: 'host:port',
    },
  ),
  TEMPORAL_NAMESPACE: key(parse.name, 'Temporal namespace.', { default: 'default' }),
  TEMPORAL_PREFIX: key(
    parse.namePart,
    'Before the names of task queues and schedules: one for each of several installations in one namespace.',
    {},
  ),
  TEMPORAL_DEPLOYMENT_NAME: key(
    parse.name,
    'Name of the worker deployment, for versions side by side; unversioned when not set.',
    {},
  ),
  TEMPORAL_WORKER_BUILD_ID: key(parse.name, "Which version of it a worker is, such as the image's.", {}),
  TEMPORAL_CODEC_KEYS: key(
    parse.encryptionKeys,
    'Keys for what Temporal is handed: the first encrypts, all decrypt. Without any it is readable there; it names no student.',
    { secret: true, unit: '<id>:<base64 of 32 bytes>, comma between several' },
  ),
  TEMPORAL_UI_URL: key(address.httpUrl, "Temporal's web UI, for links in answers.", { unit: 'URL' }),
} as const;
