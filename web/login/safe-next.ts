/** A placeholder for this site: no other URL has this origin. */
const ORIGIN = 'http://here.invalid';

/** Returns the path to open after a login: the requested path of this site, or the inbox for any other text. */
export function safeNext(requested: string): string {
  if (!/^\/[^/\\]/.test(requested) || requested.length > 1_000 || !URL.canParse(requested, ORIGIN))
    return '/inbox';
  const { origin, pathname, search } = new URL(requested, ORIGIN);
  if (origin !== ORIGIN || pathname.startsWith('//') || /^\/log(in|out)\b/.test(pathname)) return '/inbox';
  return pathname + search;
}
