import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { readRepositoryFile } from '../helpers/repository.js';

const texts = Type.Array(Type.String());
const Service = Type.Object({
  image: Type.Optional(Type.String()),
  command: Type.Optional(texts),
  environment: Type.Optional(Type.Record(Type.String(), Type.Union([Type.String(), Type.Null()]))),
  ports: Type.Optional(texts),
  profiles: Type.Optional(texts),
  secrets: Type.Optional(texts),
  volumes: Type.Optional(texts),
  cap_drop: Type.Optional(texts),
  read_only: Type.Optional(Type.Boolean()),
  stop_grace_period: Type.Optional(Type.String()),
  depends_on: Type.Optional(Type.Record(Type.String(), Type.Object({ required: Type.Optional(Type.Boolean()) }))),
  deploy: Type.Optional(
    Type.Object({ resources: Type.Object({ limits: Type.Record(Type.String(), Type.Unknown()) }) }),
  ),
});
const composeFile = Compile(
  Type.Object({
    services: Type.Record(Type.String(), Service),
    secrets: Type.Optional(Type.Record(Type.String(), Type.Object({ file: Type.String() }))),
  }),
);

export const COMPOSE_FILES = [
  'docker-compose.yml',
  'docker-compose.sandbox.yml',
  'deploy/compose/temporal-elsewhere.yml',
  'deploy/compose/temporal-certificates.yml',
] as const;

/** One service of a compose file, with the variables that it or the anchors it merges set; null: passed on as it is. */
export type ComposeService = Static<typeof Service> & { name: string; variables: Map<string, string | null> };

/** That it is a valid compose file is for the schema to say; what stands here is as these tests need it. */
export function readServices(file: (typeof COMPOSE_FILES)[number] = 'docker-compose.yml'): ComposeService[] {
  const { services } = composeFile.Parse(parse(readRepositoryFile(file), { merge: true }));
  return Object.entries(services).map(([name, service]) => ({
    ...service,
    name,
    variables: new Map(Object.entries(service.environment ?? {})),
  }));
}
