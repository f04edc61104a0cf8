import { settings } from '../../core/platform/config';
import { DATABASE_ROLES } from '../../migrations/rights';
import { readText, readYaml } from './deploy-files';

interface Service {
  image: string;
  build?: string;
  command?: string[] | string;
  read_only?: boolean;
  tmpfs?: string[];
  cap_drop?: string[];
  security_opt?: string[];
  privileged?: boolean;
  user?: string;
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
}

const { services } = readYaml<{ services: Record<string, Service> }>('docker-compose.yml');
/** The containers of this project; the services they need come from others. */
const own = Object.entries(services).filter(([, { build }]) => build !== undefined);

describe('the image', () => {
  const lines = readText('Dockerfile').split('\n');
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));

  it('runs as a user who is not root and cannot become root', () => {
    const users = last.filter((line) => line.startsWith('USER '));
    expect(users).toEqual(['USER node']);
    const after = last.slice(last.indexOf('USER node'));
    expect(after.filter((line) => /^(RUN|COPY|ADD) /.test(line))).toEqual([]);
  });

  it('belongs to root, so that its user cannot change the program', () => {
    expect(last.filter((line) => /chown|--chown/.test(line))).toEqual([
      'RUN mkdir /data && chown node:node /data',
    ]);
  });

  it('is built without any install script', () => {
    const installs = lines.filter((line) => /npm (ci|install|prune)/.test(line));
    expect(installs).toHaveLength(2);
    for (const line of installs) expect(line).toContain('--ignore-scripts');
  });

  it('is built from pinned versions, and contains no unintended files', () => {
    for (const line of lines.filter((one) => one.startsWith('FROM ')))
      expect(line).toMatch(/^FROM \S+:\d\S*/);
    expect(readText('.dockerignore').split('\n')).toEqual(
      expect.arrayContaining(['.git', '.data', 'node_modules']),
    );
  });
});

describe('the secrets of .env', () => {
  /** Further excluded files do not matter, but files that are included again do. */
  const rulesOf = (path: string): string[] =>
    readText(path)
      .split('\n')
      .filter((line) => line.includes('.env') || line.startsWith('!'));

  it('stay out of the image, in any folder', () => {
    expect(rulesOf('.dockerignore')).toEqual(['**/.env*']);
  });

  it('stay out of git, unlike their example', () => {
    expect(rulesOf('.gitignore')).toEqual(['.env*', '!.env.example']);
  });
});

describe('the containers', () => {
  it('of this project are the three processes', () => {
    expect(own.map(([name]) => name)).toEqual(['migrate', 'api', 'workers']);
  });

  it.each(own)('%s has a read-only file system and no rights beyond its own', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      tmpfs: ['/tmp'],
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
    expect([service.privileged, service.user]).toEqual([undefined, undefined]);
  });

  it.each(own)('%s sets only existing settings', (_, { environment = {} }) => {
    expect(Object.keys(environment).filter((name) => !(name in settings))).toEqual([]);
  });

  it.each([
    ['migrate', 'ablagh', 'POSTGRES_PASSWORD'],
    ['api', 'api', 'API_DATABASE_PASSWORD'],
    ['workers', 'workers', 'WORKERS_DATABASE_PASSWORD'],
  ])('%s reaches PostgreSQL as a login of its own', (name, login, password) => {
    expect(services[name]?.environment?.DATABASE_URL).toMatch(
      new RegExp(`^postgres://${login}:\\$\\{${password}:\\?[^}]*\\}@postgres:5432/ablagh$`),
    );
  });

  it('are reached from this machine alone', () => {
    for (const port of Object.values(services).flatMap(({ ports = [] }) => ports))
      expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

it("the containers' logins have one of the roles each", () => {
  const script = readText('deploy/postgres/logins.sh');
  for (const role of DATABASE_ROLES) expect(script).toContain(`'${role}'`);
  expect(script).toContain(`('api', '${DATABASE_ROLES[0]}'), ('workers', '${DATABASE_ROLES[1]}')`);
  expect(script).not.toMatch(/SUPERUSER|CREATEROLE|CREATEDB|BYPASSRLS/);
});
