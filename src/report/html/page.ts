import { createHash } from 'node:crypto';
import { type Markup, markup } from './markup.ts';
import { STYLE } from './style.ts';

/** A page in one file, which asks for nothing: no script, no font, no image from elsewhere. */
export function page(title: string, body: Markup): string {
  const hash = createHash('sha256').update(STYLE.text).digest('base64');
  const policy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
${body}
</body>
</html>
`.text;
}

/** A table whose first column heads its rows. */
export function table(header: readonly string[], rows: readonly (readonly (string | Markup)[])[]): Markup {
  return markup`<div class="scroll"><table>
<thead><tr>${header.map((text) => markup`<th scope="col">${text}</th>`)}</tr></thead>
<tbody>
${rows.map(([first, ...rest]) => markup`<tr><th scope="row">${first!}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>\n`)}</tbody>
</table></div>
`;
}

/** Names with their texts. */
export function pairs(named: readonly (readonly [string, string | Markup])[]): Markup {
  return markup`<dl class="pairs">${named.map(([name, text]) => markup`<dt>${name}</dt><dd>${text}</dd>`)}</dl>\n`;
}

export function section(title: string, content: Markup | readonly Markup[]): Markup {
  return markup`<section><h2>${title}</h2>\n${content}</section>\n`;
}
