import { isGradable } from '../families/roles.js';
import type { JournalEntry } from '../schemas/journal.js';
import type { Member } from '../schemas/views.js';
import type { Cell, LineItem, SandboxContext } from '../state/model.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

/** A page that a browser still lays out at once; the whole gradebook is at /_sandbox/gradebook. */
const mostRows = 500;

/** One course as its teacher sees it, students by columns, with the latest calls below. */
export function gradebookPage(
  context: SandboxContext,
  latest: readonly JournalEntry[],
  refreshSeconds: number,
): string {
  const { platform, title, contextId, concluded, published } = context;
  return layout(
    `${title} gradebook`,
    refreshSeconds,
    html`<header>
        <p><a href="/">All courses</a></p>
        <h1>${title}</h1>
        <p class="muted">
          <span class="tag">${platform.family.name}</span> ${platform.name}, course <code>${contextId}</code>
          ${concluded ? html`<span class="tag bad">concluded</span>` : html``}
          ${published ? html`` : html`<span class="tag bad">not published</span>`}
        </p>
      </header>
      <main>
        <h2>Gradebook</h2>
        ${gradeTable(context)}
        <h2>Latest calls</h2>
        ${callTable(latest)}
      </main>`,
  );
}

function gradeTable(context: SandboxContext): Html {
  const columns = [...context.lineItems.values()].filter((lineItem) => !lineItem.deleted);
  const students = [...context.members.values()].filter((member) => isGradable(member) || hasGrade(columns, member));
  const rows = students.slice(0, mostRows).map((member) => gradeRow(member, columns));
  const hidden = students.length - rows.length;
  return html`<div class="scroll tall">
      <table>
        <thead>
          <tr>
            <th scope="col">Student</th>
            ${columns.map(columnHead)}
          </tr>
        </thead>
        <tbody>
          ${
            rows.length === 0
              ? html`<tr>
                  <td class="muted" colspan="${columns.length + 1}">No students.</td>
                </tr>`
              : rows
          }
        </tbody>
      </table>
    </div>
    ${hidden > 0 ? html`<p class="muted">${hidden} more students are not shown.</p>` : html``}`;
}

function hasGrade(columns: readonly LineItem[], member: Member): boolean {
  return columns.some((column) => column.cells.has(member.userId));
}

function columnHead(column: LineItem): Html {
  return html`<th scope="col" class="number">
    ${column.label} ${column.published ? html`` : html`<span class="tag">unpublished</span>`}<br />
    <small>out of ${column.scoreMaximum}</small>
  </th>`;
}

function gradeRow(member: Member, columns: readonly LineItem[]): Html {
  const gone = member.status === 'Active' ? html`` : html` <span class="tag">${member.status.toLowerCase()}</span>`;
  return html`<tr>
    <th scope="row">${member.name}${gone}<br /><small>${member.userId}</small></th>
    ${columns.map((column) => gradeCell(column.cells.get(member.userId)))}
  </tr>`;
}

function gradeCell(cell: Cell | undefined): Html {
  if (cell === undefined) return html`<td class="number muted">–</td>`;
  const score = cell.resultScore ?? '–';
  const notes = [
    ...(cell.changedBy === 'teacher' ? ['by teacher'] : []),
    ...(cell.posts > 1 ? [`${cell.posts} posts`] : []),
    ...(cell.comments.length > 0 ? [`${cell.comments.length} comment${cell.comments.length > 1 ? 's' : ''}`] : []),
  ];
  return html`<td class="number" title="${cell.comments.join('\n')}">
    ${score}<br /><small>${notes.join(', ')}</small>
  </td>`;
}

function callTable(entries: readonly JournalEntry[]): Html {
  const head = ['When', 'Call', 'Student', 'Score', 'Answer', 'Gradebook'];
  const none = html`<tr>
    <td colspan="${head.length}" class="muted">No calls yet.</td>
  </tr>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${head.map((text) => html`<th scope="col">${text}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${entries.length === 0 ? none : entries.map(callRow)}
      </tbody>
    </table>
  </div>`;
}

function callRow(entry: JournalEntry): Html {
  const isGood = entry.status !== null && entry.status < 400;
  const fault = entry.fault === undefined ? html`` : html` <span class="tag bad">${entry.fault}</span>`;
  return html`<tr>
    <td>${entry.at.slice(11, 23)}</td>
    <td>${entry.method} ${entry.route}</td>
    <td><small>${entry.userId ?? ''}</small></td>
    <td>${describeScore(entry.score)}</td>
    <td class="${isGood ? 'good' : 'bad'}">${entry.status ?? 'none'}${fault}</td>
    <td>${entry.applied ? 'changed' : ''}</td>
  </tr>`;
}

function describeScore(score: unknown): string {
  if (typeof score !== 'object' || score === null) return '';
  const { scoreGiven, scoreMaximum }: { scoreGiven?: unknown; scoreMaximum?: unknown } = score;
  if (typeof scoreGiven !== 'number') return 'no score';
  return typeof scoreMaximum === 'number' ? `${scoreGiven} / ${scoreMaximum}` : String(scoreGiven);
}
