/** Temporal as a client of Temporal Cloud sees it: the real server behind a door that refuses what is not for clients. */
import { connect, constants, createServer, type ServerHttp2Stream } from 'node:http2';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { after } from 'node:test';

const PERMISSION_DENIED = '7';
const UNIMPLEMENTED = '12';
/** By the beginning of a call's path. */
const REFUSED: readonly (readonly [string, string])[] = [
  ['/temporal.api.operatorservice.', PERMISSION_DENIED],
  ['/grpc.health.', UNIMPLEMENTED],
];

export interface CloudLikeTemporal {
  address: string;
  /** Paths of the calls that were refused. */
  refused: string[];
}

export async function startCloudLikeTemporal(address: string): Promise<CloudLikeTemporal> {
  const upstream = connect(`http://${address}`);
  const refused: string[] = [];
  const server = createServer();
  server.on('stream', (stream, headers) => {
    const path = String(headers[':path']);
    const status = REFUSED.find(([start]) => path.startsWith(start))?.[1];
    stream.on('error', () => undefined);
    if (status !== undefined) {
      refused.push(path);
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/grpc',
          'grpc-status': status,
          'grpc-message': 'not for clients',
        },
        { endStream: true },
      );
      return;
    }
    passOn(stream, upstream.request({ ...headers, ':authority': address }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => {
    upstream.destroy();
    server.close();
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, refused };
}

function passOn(stream: ServerHttp2Stream, call: ReturnType<ReturnType<typeof connect>['request']>): void {
  let trailers: OutgoingHttpHeaders = {};
  call.on('response', (headers, flags) => {
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    if (stream.destroyed) return;
    stream.respond(headers, { endStream, waitForTrailers: !endStream });
    if (endStream) return;
    stream.on('wantTrailers', () => stream.sendTrailers(trailers));
    call.pipe(stream);
  });
  call.on('trailers', (headers: IncomingHttpHeaders) => {
    trailers = headers;
  });
  call.on('error', () => stream.destroy());
  stream.on('close', () => call.close());
  stream.pipe(call);
}
