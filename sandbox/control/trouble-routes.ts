import type { FastifyPluginCallbackTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { ensureCell, setComment } from '../families/gradebook.js';
import { FaultRuleSchema, LatencySchema } from '../schemas/faults.js';
import { TeacherEditSchema, type TeacherEdit } from '../schemas/journal.js';
import { KeySelectionSchema, type KeySelection } from '../schemas/keys.js';
import { strict } from '../schemas/setup.js';
import { ControlError } from '../state/control-error.js';
import type { Launch } from '../state/model.js';
import { resetSandboxState, type SandboxState } from '../state/sandbox-state.js';

/** What goes wrong, on purpose: keys, faults, latency, a teacher who changes a grade; and a fresh start. */
export const troubleRoutes: FastifyPluginCallbackTypebox<{ state: SandboxState }> = (app, { state }, done) => {
  app.post('/_sandbox/reset', (_request, reply) => {
    resetSandboxState(state);
    return reply.code(204).send();
  });

  const apiKeyBody = Type.Object({ apiKey: Type.String({ minLength: 1 }) }, strict);
  app.put('/_sandbox/api-key', { schema: { body: apiKeyBody } }, (request, reply) => {
    state.apiKey = request.body.apiKey;
    return reply.code(204).send();
  });

  app.post('/_sandbox/keys', { schema: { body: KeySelectionSchema } }, (request) => ({
    changed: changeKeys(state, request.body),
  }));

  app.put('/_sandbox/grades', { schema: { body: TeacherEditSchema } }, (request, reply) => {
    editGrade(state, request.body);
    return reply.code(204).send();
  });

  const latencyBody = Type.Object({ rules: Type.Array(LatencySchema) }, strict);
  app.put('/_sandbox/latency', { schema: { body: latencyBody } }, (request, reply) => {
    state.latencies.set(request.body.rules);
    return reply.code(204).send();
  });

  app.get('/_sandbox/faults', () => ({ faults: state.faults.list() }));

  app.post('/_sandbox/faults', { schema: { body: FaultRuleSchema } }, (request) => state.faults.add(request.body));

  app.delete('/_sandbox/faults', (_request, reply) => {
    state.faults.clear();
    return reply.code(204).send();
  });

  app.delete('/_sandbox/faults/:id', { schema: { params: Type.Object({ id: Type.String() }) } }, (request, reply) => {
    if (!state.faults.remove(request.params.id)) throw new ControlError(404, 'No such fault.');
    return reply.code(204).send();
  });
  done();
};

/** A grade entered in the LMS's own screens, on the column's scale. */
function editGrade(state: SandboxState, edit: TeacherEdit): void {
  const cell = ensureCell(state.store.getLineItem(edit.lineItemId), edit.userId);
  cell.resultScore = edit.score;
  cell.changedBy = 'teacher';
  cell.changedAtMs = state.now();
  cell.overridden = edit.overridden ?? false;
  if (edit.comment !== undefined) setComment(cell, edit.comment);
}

function isSelected(launch: Launch, selection: KeySelection): boolean {
  const { platform, contextId } = launch.context;
  return (
    (selection.serviceKey === undefined || launch.serviceKey === selection.serviceKey) &&
    (selection.ltik === undefined || launch.ltik === selection.ltik) &&
    (selection.contextId === undefined || contextId === selection.contextId) &&
    (selection.platformId === undefined || platform.platformId === selection.platformId)
  );
}

function changeKeys(state: SandboxState, selection: KeySelection): number {
  let changed = 0;
  for (const launch of state.store.launches()) {
    if (!isSelected(launch, selection)) continue;
    if (selection.revoked !== undefined) launch.keyRevoked = selection.revoked;
    if (selection.expired !== undefined) launch.ltikExpired = selection.expired;
    changed += 1;
  }
  return changed;
}
