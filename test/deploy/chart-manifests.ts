import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { parseAllDocuments } from 'yaml';
import { findChartTools } from '../../dev/chart/chart-tools.js';
import { root } from '../helpers/repository.js';

export const CHART = path.join(root, 'deploy', 'helm', 'passback');

/** Of the newest Kubernetes that kubectl-validate knows, since a helm that is built from its module knows none. */
export const KUBE_VERSION = '1.30.0';

export const tools = findChartTools(process.env);
/** Says by name what is missing; .ci/run looks for the first words. */
export const skip = tools === undefined && 'the tools of the chart are not built: npm run chart:tools';

/** The files of values that the chart is checked with. */
export const VALUES = readdirSync(path.join(CHART, 'ci')).map((file) => path.join(CHART, 'ci', file));

const texts = Type.Record(Type.String(), Type.String());
const Container = Type.Object({
  name: Type.String(),
  env: Type.Array(Type.Object({ name: Type.String(), value: Type.String() })),
  volumeMounts: Type.Array(Type.Object({ name: Type.String(), mountPath: Type.String() })),
});
const PodTemplate = Type.Object({
  metadata: Type.Object({ labels: texts }),
  spec: Type.Object({
    terminationGracePeriodSeconds: Type.Optional(Type.Number()),
    containers: Type.Array(Container),
    volumes: Type.Array(
      Type.Object({
        name: Type.String(),
        secret: Type.Optional(
          Type.Object({
            secretName: Type.String(),
            items: Type.Optional(Type.Array(Type.Object({ key: Type.String(), path: Type.String() }))),
          }),
        ),
      }),
    ),
  }),
});
const Manifest = Type.Object({
  apiVersion: Type.String(),
  kind: Type.String(),
  metadata: Type.Object({ name: Type.String(), labels: Type.Optional(texts) }),
  spec: Type.Optional(Type.Object({ template: Type.Optional(PodTemplate) })),
});
const manifest = Compile(Manifest);

/** As these tests need it; that it is one of Kubernetes is for kubectl-validate to say. */
export type ChartManifest = Static<typeof Manifest>;

/** Runs one of the tools. */
export function runTool(name: keyof NonNullable<typeof tools>, args: readonly string[]): { ok: boolean; text: string } {
  const { status, stdout, stderr } = spawnSync(tools?.[name] ?? '', args, { cwd: CHART, encoding: 'utf8' });
  return { ok: status === 0, text: `${stdout}${stderr}` };
}

/** What `helm template` makes of a file of values, and more of them on the command line. */
export function render(values: string | null, ...args: string[]): { ok: boolean; text: string } {
  const files = values === null ? [] : ['--values', values];
  return runTool('helm', ['template', 'grades', CHART, '--kube-version', KUBE_VERSION, ...files, ...args]);
}

export function readManifests(text: string): ChartManifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.toJS();
    return value === null ? [] : [manifest.Parse(value)];
  });
}
