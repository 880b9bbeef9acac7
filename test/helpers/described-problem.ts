/** Problems that an API answers with, held against its description: every test that calls one proves a little of it. */
import assert from 'node:assert/strict';
import type { FastifyInstance } from 'fastify';
import { at, parseJson, type Json } from './app.js';

/** What comes before any operation, or is a failure of ours, is not described at each. */
const ANYWHERE = [405, 408, 500];

const documents = new WeakMap<FastifyInstance, Json>();

/** @throws {AssertionError} where an answer is a problem that the description of its operation does not know. */
export function assertDescribedProblem(
  app: FastifyInstance,
  { method, url }: { method: string; url: string },
  { status, body }: { status: number; body: Json },
): void {
  const type = at(body, 'type');
  if (typeof type !== 'string' || !type.startsWith('urn:passback:problem:') || ANYWHERE.includes(status)) return;
  const document = documents.get(app) ?? parseJson(JSON.stringify(app.swagger()));
  documents.set(app, document);
  const [path = ''] = url.split('?');
  const operation = at(document, 'paths', templateOf(document, path), method.toLowerCase());
  if (operation === undefined) return;
  const types = at(operation, 'x-problem-types', String(status));
  assert.ok(
    Array.isArray(types) && types.includes(type),
    `${method} ${path} answered ${status} ${type}, which is not described`,
  );
}

/** The template of a path; one without parameters before one with. */
function templateOf(document: Json, path: string): string {
  const paths = at(document, 'paths');
  const templates = typeof paths === 'object' && paths !== null ? Object.keys(paths) : [];
  const fits = (template: string): boolean => new RegExp(`^${template.replaceAll(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
  return templates.find((template) => template === path) ?? templates.find(fits) ?? '';
}
