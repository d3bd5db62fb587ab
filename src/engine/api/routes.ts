/** The compiled table: from method and path to a handler and its parameters. Version prefixes are taken off before. */
import { InvalidError, NotFoundError } from '../../lib/errors.ts';
import type { Route } from './route.ts';

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

interface CompiledRoute {
  readonly route: Route;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

export class RouteTable {
  readonly #routes = new Map<string, CompiledRoute[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const key = keyOf(route.method, route.path);
      this.#routes.set(key, [...(this.#routes.get(key) ?? []), compile(route)]);
    }
  }

  /** @throws NotFoundError in docker's words; InvalidError when a parameter is not decodable. */
  match(method: string, path: string): Match {
    for (const { route, pattern, names } of this.#routes.get(keyOf(method, path)) ?? []) {
      const values = pattern.exec(path);
      if (!values) continue;
      const params = Object.fromEntries(names.map((name, index) => [name, decode(values[index + 1] ?? '')]));
      return { route, params };
    }
    throw new NotFoundError('page not found');
  }
}

/** The first segment is never a parameter. */
function keyOf(method: string, path: string): string {
  return `${method} ${path.split('/', 2)[1] ?? ''}`;
}

/** `{name}` takes slashes, every other parameter ends at one. */
function compile(route: Route): CompiledRoute {
  const names: string[] = [];
  const source = route.path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    names.push(name);
    return name === 'name' ? '(.+)' : '([^/]+)';
  });
  return { route, names, pattern: new RegExp(`^${source}$`) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new InvalidError(`invalid path: ${text}`, { cause });
  }
}
