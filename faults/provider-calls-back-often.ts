import http from 'node:http';
import { kavenegarCallbackUrl } from '../core/platform/derived-keys';
import type { Fault } from './rig/fault';

const REPORTS = 10_000;
/** Three times the connections that one process may have open. */
const MAX_SOCKETS = 2_000;

export const providerCallsBackOften: Fault = {
  name: 'provider-calls-back-often',
  description: `the SMS provider sends ${REPORTS.toLocaleString('en-US')} reports at once, of its messages and of others`,
  async inject({ kavenegar, apiUrl, secretKey, ledger, remarks }) {
    const url = kavenegarCallbackUrl(apiUrl, secretKey);
    const known = kavenegar.messages().map(({ id }) => id);
    const strangers = Math.max(...known) + 1_000_000;
    const agent = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
    const statuses = await Promise.all(
      Array.from({ length: REPORTS }, (_, n) =>
        report(agent, url, n % 2 === 0 ? (known[n % known.length] as number) : strangers + n),
      ),
    );
    agent.destroy();
    // A report that was answered with 503 is not repeated by the provider. That costs nothing: the status is polled as well.
    const putOff = statuses.filter((status) => status === 503).length;
    if (putOff > 0) remarks.push(`${putOff} reports were put off`);
    const failed = statuses.filter((status) => status >= 500 && status !== 503).length;
    if (failed > 0) ledger.violations.push(`${failed} reports were answered with an error`);
  },
};

/** @returns the HTTP status, 0 when there was no answer: a provider does not report again */
function report(agent: http.Agent, url: string, messageId: number): Promise<number> {
  return new Promise((resolve) => {
    const request = http.request(`${url}?messageid=${messageId}&status=10`, { agent });
    request.once('error', () => resolve(0));
    request.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.end();
  });
}
