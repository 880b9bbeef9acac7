import { html, type Html } from './html.js';

/** Styles are kept here, so that the page is one answer and needs no network. */
const styles = `
:root { color-scheme: light dark; --line: light-dark(#d8dee6, #39424e); --muted: light-dark(#5b6673, #9aa7b5);
  --band: light-dark(#f5f7fa, #1b222b); --accent: light-dark(#0b5cad, #7cb8ff); --bad: light-dark(#b3261e, #ff8a80);
  --good: light-dark(#17692f, #7fd694); --page: light-dark(#ffffff, #12171d); --ink: light-dark(#1c232b, #e6ebf1); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); }
header, main { max-width: 78rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; } h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
a { color: var(--accent); } p { margin: .25rem 0; } .muted { color: var(--muted); }
.tall { max-height: 70vh; } .tall thead th { position: sticky; top: 0; }
.scroll { overflow: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .4rem .75rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; } thead th { background: var(--band); font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 500; } td.number, th.number { text-align: right; }
small { color: var(--muted); font-weight: 400; } .bad { color: var(--bad); } .good { color: var(--good); }
.tag { border: 1px solid var(--line); border-radius: 1rem; padding: 0 .5rem; font-size: .8rem; color: var(--muted); }
code { font-size: .85em; }
`;

/** A whole page; `refreshSeconds` makes the browser load it again by itself, 0 never. */
export function layout(title: string, refreshSeconds: number, body: Html): string {
  const refresh = refreshSeconds > 0 ? html`<meta http-equiv="refresh" content="${refreshSeconds}" />` : html``;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${refresh}
        <title>${title}</title>
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
        <style>
          ${{ markup: styles }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return page.markup;
}

/** A small grade sheet. */
export const favicon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5cad"/>' +
  '<path d="M8 10h16M8 16h16M8 22h9" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>' +
  '<path d="m19 22 2.4 2.4L26 19.8" fill="none" stroke="#9fe2b0" stroke-width="2.6" stroke-linecap="round" stroke-linejoin="round"/></svg>';
