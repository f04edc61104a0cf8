import { relative } from 'node:path';
import type { RunningSystem } from './start-system';

/** The employer of the demo that the examples in the documents use. */
const DEMO_NATIONAL_ID = '0499370899';

/** Prints the system's addresses and the next commands to type, for a newcomer. */
export function printStartupBanner(system: RunningSystem): void {
  process.stdout.write(`${startupBanner(system)}\n`);
}

export function startupBanner({ config, embeddedPostgres, simulators, demo, logDir }: RunningSystem): string {
  const url = config.PUBLIC_URL;
  const parts = [
    `database  ${embeddedPostgres ? `embedded PostgreSQL in ${relativeToHere(config.DATA_DIR)}` : 'PostgreSQL at DATABASE_URL'}`,
    `queues    ${config.REDIS_URL ? 'BullMQ on Redis at REDIS_URL' : 'BullMQ on PostgreSQL'}`,
    `SMS       ${simulators?.sms ? 'simulated' : 'Kavenegar'}`,
    `email     ${simulators?.email ? 'simulated' : 'SMTP at SMTP_URL'}`,
    `logs      ${relativeToHere(logDir)}`,
  ];
  const pages = [
    `${url}/             the employers' pages`,
    ...(demo
      ? [
          `${url}/login        sign in as ${DEMO_NATIONAL_ID}; the code arrives ${simulators?.sms ? 'in /dev/outbox' : 'by SMS'}`,
        ]
      : []),
    ...(simulators ? [`${url}/dev/outbox   every SMS and email, as its receiver sees it`] : []),
    `${url}/ops          what operators see and steer${demo ? `; sign in as ${demo.operator.name} with ${demo.operator.password}` : ''}`,
    `${url}/docs         the API, to read and to try`,
    `${url}/readyz       what is up and what is away`,
  ];
  return [
    '',
    `Ablagh is running at ${url}`,
    '',
    ...parts.map((line) => `  ${line}`),
    '',
    'Open',
    ...pages.map((line) => `  ${line}`),
    '',
    ...(demo ? trySteps(url, demo.key) : addSourceSteps()),
    '',
    'Ctrl-C stops everything; the data stays.',
    '',
  ].join('\n');
}

/** Shortens a path to the form one would type in the current folder. */
function relativeToHere(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

const trySteps = (url: string, key: string) => [
  'Serve a notice',
  `  export KEY=${key}`,
  `  curl -sS ${url}/v1/notices -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\`,
  `    -d '{"reference":"HELLO-1","recipient":{"nationalId":"${DEMO_NATIONAL_ID}","workshopCode":"0183630045"},"subject":"اعلام سابقه"}'`,
  '',
  'See what became of it (the id is in the answer)',
  `  curl -sS ${url}/v1/notices/ID -H "Authorization: Bearer $KEY"`,
];

const addSourceSteps = () => [
  'Give a system a key, then push notices with it',
  '  npm run --silent ablagh -- source add RECORDS سابقه --scope notices,employers',
  '',
  'Let somebody into /ops',
  '  npm run --silent ablagh -- operator add NAME --role operator',
];
