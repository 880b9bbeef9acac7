import type { SandboxContext, SandboxPlatform } from '../state/model.js';
import { html, type Html } from './html.js';
import { layout } from './layout.js';

/** The start page: every LMS with its courses. */
export function overviewPage(
  platforms: readonly SandboxPlatform[],
  contexts: readonly SandboxContext[],
  refreshSeconds: number,
): string {
  const sections = platforms.map((platform) =>
    platformSection(
      platform,
      contexts.filter((context) => context.platform === platform),
    ),
  );
  const empty = html`<p class="muted">No platforms yet. Make some through <code>/_sandbox/platforms</code>.</p>`;
  return layout(
    'LMS sandbox',
    refreshSeconds,
    html`<header>
        <h1>LMS sandbox</h1>
        <p class="muted">A stand-in for LTIAAS and the LMSes behind it. Nothing here outlives the process.</p>
      </header>
      <main>${sections.length === 0 ? empty : sections}</main>`,
  );
}

function platformSection(platform: SandboxPlatform, contexts: readonly SandboxContext[]): Html {
  const { requests, inFlight, highestInFlight, throttled } = platform.traffic.view();
  const outage = platform.settings.outage === 'none' ? html`` : html`<span class="tag bad">outage</span>`;
  return html`<section>
    <h2>${platform.name} <span class="tag">${platform.family.name}</span> ${outage}</h2>
    <p class="muted">
      ${platform.url}, deployment ${platform.deploymentId}. ${requests} calls, ${inFlight} under way (at most
      ${highestInFlight}), ${throttled} throttled.
    </p>
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th>Course</th>
            <th>Id</th>
            <th class="number">People</th>
            <th class="number">Columns</th>
            <th class="number">Grades</th>
          </tr>
        </thead>
        <tbody>
          ${
            contexts.length === 0
              ? html`<tr>
                  <td colspan="5" class="muted">No courses.</td>
                </tr>`
              : contexts.map(contextRow)
          }
        </tbody>
      </table>
    </div>
  </section>`;
}

function contextRow(context: SandboxContext): Html {
  const { platform, contextId, title, members, lineItems } = context;
  const query = new URLSearchParams({ platformId: platform.platformId, deploymentId: platform.deploymentId });
  const grades = [...lineItems.values()].reduce((sum, lineItem) => sum + lineItem.cells.size, 0);
  return html`<tr>
    <th scope="row">
      <a href="/gradebook/${encodeURIComponent(contextId)}?${query.toString()}">${title}</a>
      ${context.concluded ? html`<span class="tag">concluded</span>` : html``}
    </th>
    <td><code>${contextId}</code></td>
    <td class="number">${members.size}</td>
    <td class="number">${lineItems.size}</td>
    <td class="number">${grades}</td>
  </tr>`;
}
