import type { EndpointTrouble } from '../../db/notices/notice-endpoints.js';
import { sayEndpointsDisabled, sayEndpointsNeglected } from '../../domain/finding-words.js';
import type { Finding } from '../operations/finding.js';

/** Whoever is not told any more does not notice it by himself. */
export function ofEndpointTrouble({ kind, origins, since }: EndpointTrouble): Finding {
  const isOff = kind === 'disabled';
  return {
    type: isOff ? 'noticeEndpointsDisabled' : 'noticesNeglected',
    severity: 'warning',
    ...(isOff ? sayEndpointsDisabled(origins) : sayEndpointsNeglected(origins.length)),
    ...{ count: origins.length, subject: null, since },
    see: '/v1/notices',
    call: null,
  };
}
