import type { Launch } from '../state/model.js';
import type { SandboxState } from '../state/sandbox-state.js';
import { refusal, type RelayAnswer } from './answer.js';

/** Who calls: the launch that the ltik or service key stands for; a launch is kept with a refusal when it is known. */
export type Authorization =
  { launch: Launch; refused?: undefined } | { launch: Launch | undefined; refused: RelayAnswer };

const code = 'INVALID_LTIK_AUTH_AUTHORIZATION_HEADER';
/** The code of a bad service key is not documented; this one follows the pattern of the one that is. */
const serviceCode = 'INVALID_SERVICE_AUTH_AUTHORIZATION_HEADER';

/** Reads `LTIK-AUTH-V2 <apiKey>:<ltik>` or, where `allowsServiceKey`, `SERVICE-AUTH-V1 <apiKey>:<serviceKey>`. */
export function authorize(state: SandboxState, header: string | undefined, allowsServiceKey: boolean): Authorization {
  const [scheme, credentials = ''] = (header ?? '').split(' ', 2);
  const colon = credentials.lastIndexOf(':');
  const apiKey = credentials.slice(0, Math.max(0, colon));
  const token = credentials.slice(colon + 1);
  if (scheme === 'LTIK-AUTH-V2') {
    const launch = state.store.findByLtik(token);
    if (apiKey !== state.apiKey) return { launch, refused: refusal(401, code, 'Invalid API key') };
    if (launch === undefined || launch.ltikExpired) {
      return { launch, refused: refusal(401, code, 'Invalid or expired ltik.') };
    }
    return { launch };
  }
  if (scheme !== 'SERVICE-AUTH-V1' || !allowsServiceKey) {
    return { launch: undefined, refused: refusal(401, code, 'Missing or unsupported Authorization header.') };
  }
  const launch = state.store.findByServiceKey(token);
  if (apiKey !== state.apiKey) return { launch, refused: refusal(401, serviceCode, 'Invalid API key') };
  if (launch === undefined || launch.keyRevoked) {
    return { launch, refused: refusal(401, serviceCode, 'Invalid service key.') };
  }
  return { launch };
}
