import { randomUUID } from 'node:crypto';
import { aNotice, anEmployer } from '../support/fixtures';
import type { Credentials } from './callers';
import type { Route } from './routes';
import { newNationalId, type Scene } from './scene';

/** Makes the address of a route in the scene: every named thing exists, whether or not it is the caller's. */
export function addressOf({ url }: Route, scene: Scene): string {
  const values: Record<string, string> = {
    id: url.includes('/alerts/:id') ? scene.alertId : scene.noticeId,
    attachmentId: scene.attachmentId,
    nationalId: scene.otherNationalId,
    secret: 'somebody-made-this-up',
    channel: 'email',
    lane: 'bulk',
    state: 'unknown',
    cause: 'lost',
    name: 'smtp',
    code: url.includes('/sources/') ? scene.sourceCode : 'unknown_employer',
    queueName: 'notices',
    queueStatus: 'failed',
    jobId: 'job-7',
    schedulerId: 'scheduler-7',
  };
  return url.replace('*', 'nothing-here').replace(/:(\w+)/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`what is :${name} of ${url}?`);
    return value;
  });
}

const json = (value: unknown, type = 'application/json') => ({
  body: JSON.stringify(value),
  headers: { 'content-type': type },
});

/** Makes a right request body for a route. Only the operator's reason is left out. */
function bodyOf({ method, url }: Route, scene: Scene, { csrf }: Credentials) {
  if (method === 'GET' || method === 'HEAD') return {};
  const notice = aNotice({ recipient: { nationalId: scene.nationalId } });
  if (url === '/v1/notices') return json(notice);
  if (url === '/v1/notices/batch') return json(notice, 'application/x-ndjson');
  if (url === '/v1/employers/:nationalId') return json(anEmployer());
  const { passcode } = scene;
  if (url === '/v1/inquiries') return json({ nationalId: scene.nationalId, passcode });
  if (url.startsWith('/ops/queues/')) return {};
  const form = {
    csrf: /^\/ops(\/|$)/.test(url) ? csrf.operators : csrf.people,
    nationalId: url === '/inquiry' ? scene.nationalId : newNationalId(),
    ...{ bodyName: 'شهرداری', passcode, duration: 'day' },
    ...{ requestId: randomUUID(), name: randomUUID(), q: 'هیچ' },
  };
  return { body: new URLSearchParams(form) };
}

/** Sends one request, and reads only the head of the answer: some answers never end. */
export async function ask(
  base: string,
  route: Route,
  scene: Scene,
  credentials: Credentials,
): Promise<{ status: number; location: string | null }> {
  const { headers, ...content }: RequestInit = bodyOf(route, scene, credentials);
  const end = new AbortController();
  const answer = await fetch(`${base}${addressOf(route, scene)}`, {
    method: route.method,
    redirect: 'manual',
    signal: end.signal,
    headers: {
      'sec-fetch-site': credentials.site ?? 'same-origin',
      ...credentials.headers,
      ...(headers as Record<string, string>),
    },
    ...content,
  });
  end.abort();
  return { status: answer.status, location: answer.headers.get('location') };
}
