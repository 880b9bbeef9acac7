import { namesOf, sayReach } from '../../domain/reach.js';
import type { VNode } from 'preact';
import { render } from 'preact-render-to-string';
import type { Problem } from '../../api/problems.js';
import type { Assets } from '../assets.js';
import type { Notice as NoticeFacts } from '../door/cookies.js';
import { toSignIn } from '../door/return-path.js';
import type { Content, Visit } from '../screen.js';
import { Notice, ProblemNotice } from './notice.js';
import { SECTIONS } from './sections.js';
import { VisitContext } from './visit-context.js';

export interface PageProps {
  content: Content;
  /** Null: nobody is signed in. */
  visit: Visit | null;
  notice: NoticeFacts | null;
  assets: Assets;
  /** Where to come back to after a sign-in. */
  path: string;
  /** Whether asking for this address again shows the same page. */
  isRepeatable: boolean;
}

export function renderPage(props: PageProps): string {
  const { visit } = props;
  const renderWith = (untold?: Problem): string =>
    render(
      <VisitContext.Provider value={visit}>
        <Document {...props} untold={untold} />
      </VisitContext.Provider>,
    );
  const html = renderWith();
  const isUntold = visit?.failed && !visit.failed.isTold;
  return `<!doctype html>${isUntold ? renderWith(visit.failed?.problem) : html}`;
}

/** A page that asks for itself again, and so comes from here: see `isLinkFromElsewhere`. */
export function renderBounce(path: string): string {
  return `<!doctype html>${render(
    <html lang="en">
      <head>
        <meta http-equiv="refresh" content={`0; url=${path}`} />
        <title>Passback</title>
      </head>
      <body>
        <a href={path}>Go on to the console</a>
      </body>
    </html>,
  )}`;
}

/** `untold`: a problem that no form of the page says. */
function Document(props: PageProps & { untold: Problem | undefined }): VNode {
  const { content, visit, notice, assets, path, isRepeatable, untold } = props;
  const { title, section, refreshSeconds, body } = content;
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${title} · Passback`}</title>
        <link rel="stylesheet" href={assets['console.css']} />
        <link rel="icon" type="image/svg+xml" href={assets['icon.svg']} />
        <script type="module" src={assets['console.js']} />
      </head>
      <body>
        <a class="skip" href="#content">
          Skip to the content
        </a>
        <Header visit={visit} section={section} icon={assets['icon.svg']} />
        <main id="content" tabindex={-1} data-refresh={isRepeatable && visit ? refreshSeconds : undefined}>
          {untold && <ProblemNotice problem={untold} />}
          {notice && <Notice kind={notice.isBad ? 'bad' : 'good'}>{notice.say}</Notice>}
          <div id="signed-out" class="notice bad" role="alert" hidden>
            You are signed out, and this page no longer changes. <a href={toSignIn(path)}>Sign in again</a>
          </div>
          <div id="stale" class="notice" role="status" hidden>
            This page could not be refreshed. It is tried again.
          </div>
          {body}
        </main>
      </body>
    </html>
  );
}

function Header({ visit, section, icon }: { visit: Visit | null; section: string | undefined; icon: string }): VNode {
  return (
    <header class="top">
      <a class="brand" href="/console">
        <img src={icon} width="20" height="20" alt="" />
        Passback
      </a>
      {visit && (
        <>
          <nav aria-label="Sections">
            {SECTIONS.map(({ path, label }) => (
              <a
                key={path}
                href={path === '/' ? '/console' : `/console${path}`}
                aria-current={section === path ? 'page' : undefined}
              >
                {label}
              </a>
            ))}
          </nav>
          <form class="find" role="search" method="post" action="/console/find">
            <label class="unseen" for="find">
              Find a student, course, column, score or workflow
            </label>
            <input
              id="find"
              name="what"
              type="search"
              placeholder="Student, course or id"
              required
              maxlength={500}
              autocomplete="off"
              spellcheck={false}
            />
            <kbd aria-hidden="true">/</kbd>
            <button class="unseen-until-focus">Find</button>
          </form>
          <details class="account">
            <summary>{visit.session.keyName}</summary>
            <div class="menu card">
              <p>On: {sayReach(namesOf(visit.session.platforms))}</p>
              <p class="hint">May: {visit.session.scopes.join(', ')}</p>
              <p>
                <a href="/console/notices">Notices</a> · <a href="/console/sessions">Sessions</a>
              </p>
              {visit.can('admin') && (
                <p>
                  <a href="/console/keys">API keys</a> · <a href="/console/audit">Audit trail</a>
                </p>
              )}
              <form method="post" action="/console/sign-out">
                <button>Sign out</button>
              </form>
            </div>
          </details>
        </>
      )}
    </header>
  );
}
