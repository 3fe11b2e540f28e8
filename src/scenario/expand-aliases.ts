import { type Alias, type Document, isAlias, isMap, isScalar, isSeq, visit, type YAMLMap } from 'yaml';

/**
 * Puts in the place of each alias what it stands for, and of each merge key the pairs that it brings, so that every value
 * has a path of its own: an override of one changes no other. The copies keep the place in the file of what they copy.
 * An alias without its anchor stays.
 */
export function expandAliases(document: Document): void {
  visit(document, { Alias: (_, alias) => copyOf(alias, document) });
  visit(document, {
    Map: (_, map) => {
      const merged = map.items.filter(({ key }) => isMergeKey(key));
      map.items = map.items.filter(({ key }) => !isMergeKey(key));
      for (const { value } of merged) merge(map, value);
    },
  });
}

/** Without anchors: else an alias that comes later would mean the copy. */
function copyOf(alias: Alias, document: Document): ReturnType<Alias['resolve']> {
  const meant = alias.resolve(document);
  if (!meant || isAlias(meant)) return undefined;
  const copy = meant.clone() as typeof meant;
  visit(copy as never, {
    Value: (_, inner) => {
      delete inner.anchor;
    },
  });
  return copy;
}

function merge(map: YAMLMap, source: unknown): void {
  for (const each of isSeq(source) ? source.items : [source]) {
    if (!isMap(each)) continue;
    for (const pair of each.items) {
      if (isMergeKey(pair.key)) merge(map, pair.value);
      else if (!map.has(pair.key)) map.items.push(pair);
    }
  }
}

/** Written without quotes: in quotes it is a key as any other. */
const isMergeKey = (key: unknown): boolean => isScalar(key) && typeof key.value === 'symbol';
