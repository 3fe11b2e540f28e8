/** An element with these attributes and contents; texts are texts, whatever is in them. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string>> = {},
  ...contents: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...contents);
  return made;
}

/** @throws {Error} where the page has none: it and the script are of different versions */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}

/** Sets a text, and touches the page only where it differs: what is announced is announced once. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Fills a table; the first column heads its row. */
export function fillTable(
  table: HTMLTableElement,
  header: readonly string[],
  rows: readonly (readonly (string | Node)[])[],
): void {
  const head = element('thead', {}, element('tr', {}, ...header.map((text) => element('th', { scope: 'col' }, text))));
  const body = element(
    'tbody',
    {},
    ...rows.map(([first, ...rest]) =>
      element('tr', {}, element('th', { scope: 'row' }, first!), ...rest.map((cell) => element('td', {}, cell))),
    ),
  );
  const caption = table.querySelector('caption');
  table.replaceChildren(...(caption ? [caption] : []), head, body);
}
