import type { App } from '../../api/app';

export interface Route {
  method: string;
  /** The pattern, such as `/v1/notices/:id`. */
  url: string;
}

/** Four characters of tree drawing per level, then a piece of the path and its methods. */
const LINE = /^((?:[│ ] {3})*)[├└]── (.*) \(([A-Z, ]+)\)$/;

/** Lists every route of the app, also those of libraries and undocumented ones. */
export function routesOf(app: App): Route[] {
  const above: string[] = [];
  return app
    .printRoutes({ commonPrefix: false })
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => {
      const [, drawing, part, methods] = LINE.exec(line) ?? [];
      if (drawing === undefined || !part || !methods) throw new Error(`this is no route: ${line}`);
      const level = drawing.length / 4;
      above.length = level;
      above.push(part);
      const url = above.join('').replace(/^\/\//, '/');
      return methods.split(', ').map((method) => ({ method, url }));
    });
}
