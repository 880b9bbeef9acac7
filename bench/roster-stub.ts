import { createServer, type Server } from 'node:http';

const LEARNER = 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner';
const PAGE_SIZE = 50;

/** An LTIAAS that lists made-up members in pages of fifty, made when they are asked for. */
export interface RosterStub {
  url: string;
  setMembers(count: number): void;
  close(): Promise<void>;
}

export async function startRosterStub(onPage: (page: number) => void): Promise<RosterStub> {
  let members = 0;
  const server = createServer((request, response) => {
    const asked = new URL(request.url ?? '/', 'http://stub').searchParams.get('url');
    const page = asked === null ? 0 : Number(new URL(asked).searchParams.get('page'));
    const first = page * PAGE_SIZE;
    const count = Math.min(PAGE_SIZE, members - first);
    const more = first + count < members;
    onPage(page);
    response.writeHead(200, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        members: Array.from({ length: count }, (_, index) => ({
          ...{ userId: `student-${first + index}`, roles: [LEARNER], status: 'Active' },
          ...{ name: `Student Number ${first + index}`, email: `student.${first + index}@school.example` },
        })),
        ...(more && { next: `https://lms.example/names_and_roles?page=${page + 1}` }),
      }),
    );
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    setMembers: (count) => void (members = count),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}
