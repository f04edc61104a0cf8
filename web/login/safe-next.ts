const ORIGIN = 'http://here.invalid';

/** Where to go after a login: an address of ours as it was asked for, or the inbox for anything else. */
export function safeNext(asked: string): string {
  if (!/^\/[^/\\]/.test(asked) || asked.length > 1_000 || !URL.canParse(asked, ORIGIN)) return '/inbox';
  const { origin, pathname, search } = new URL(asked, ORIGIN);
  if (origin !== ORIGIN || pathname.startsWith('//') || /^\/log(in|out)\b/.test(pathname)) return '/inbox';
  return pathname + search;
}
