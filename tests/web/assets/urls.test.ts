import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { ASSETS, FONT_URL, STYLE_URL } from '../../../web/assets/urls';

const ROOT = join(__dirname, '../../..');
const readText = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const contentOf = (url: string): string => String(ASSETS.get(url)?.content);

describe('the assets of the pages', () => {
  it('name their content in their path', () => {
    for (const url of ASSETS.keys()) expect(url).toMatch(/^\/assets\/[a-z]+-[0-9a-f]{16}\.[a-z0-9]+$/);
  });

  it('load the font under its own path, and nothing from elsewhere', () => {
    const urls = [...contentOf(STYLE_URL).matchAll(/url\("?([^)"]+)"?\)/g)].map(([, url]) => url);
    expect(urls).toEqual([FONT_URL]);
  });

  it.each([...ASSETS.keys()].filter((url) => url.endsWith('.js')))('hold a script that parses: %s', (url) => {
    expect(() => new Script(contentOf(url))).not.toThrow();
  });

  it('stand in the image, where only dist comes from the compiler', () => {
    const { imports } = JSON.parse(readText('package.json')) as { imports: Record<string, string> };
    const folders = Object.values(imports).map((target) => target.replace(/^\.\/|\/\*$/g, ''));
    expect(folders).toContain('web/assets');
    const dockerfile = readText('Dockerfile').split('\n');
    for (const folder of folders)
      expect(dockerfile).toContain(`COPY --from=build /app/${folder} ./${folder}`);
  });
});
