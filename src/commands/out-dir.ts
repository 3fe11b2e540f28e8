/** Where results go when nobody says where: named after what was run, and when. */
export function defaultOutDir(name: string): string {
  const stamp = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z');
  const safe = name.replace(/[^\p{L}\p{N}_.-]+/gu, '-').replace(/^[.-]+/, '');
  return `ttlscope-results/${safe}-${stamp}`;
}
