/**
 * WWW-Authenticate: what a registry wants to see before it answers.
 * https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1
 */

export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: Readonly<Record<string, string>>;
}

const space = String.raw`[ \t]*`;
const token = String.raw`[\w!#$%&'*+.^\`|~-]+`;
const quoted = String.raw`"((?:[^"\\]|\\.)*)"`;
const schemePattern = new RegExp(`${space}(${token})(?:[ \\t]+|$|(?=,))`, 'y');
const parameterPattern = new RegExp(`${space}(${token})${space}=${space}(?:${quoted}|(${token}))`, 'y');
const commaPattern = new RegExp(`${space},[ \\t,]*`, 'y');

/** The challenges of a header that may hold several. What can't be read ends the list: nothing is guessed. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: Challenge[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  for (let scheme = take(schemePattern); scheme?.[1]; scheme = take(schemePattern)) {
    const parameters: Record<string, string> = Object.create(null) as Record<string, string>;
    for (let match = take(parameterPattern); match?.[1]; match = take(parameterPattern)) {
      parameters[match[1].toLowerCase()] = match[2]?.replaceAll(/\\(.)/g, '$1') ?? match[3] ?? '';
      if (!take(commaPattern)) break;
    }
    challenges.push({ scheme: scheme[1].toLowerCase(), parameters });
    take(commaPattern);
  }
  return challenges;
}

/** What a token is asked to allow on one resource: `repository:alice/app:pull,push`. */
export interface Scope {
  /** `repository:alice/app`. */
  readonly resource: string;
  readonly actions: readonly string[];
}

/** Scopes of one parameter, separated by spaces. A name may hold a port: the last colon counts. */
export function parseScopes(text: string): Scope[] {
  return text.split(' ').flatMap((part) => {
    const colon = part.lastIndexOf(':');
    if (colon <= 0) return [];
    return [
      {
        resource: part.slice(0, colon),
        actions: part
          .slice(colon + 1)
          .split(',')
          .filter(Boolean),
      },
    ];
  });
}

/** One scope for each resource, with the actions of all. */
export function mergeScopes(scopes: readonly Scope[]): Scope[] {
  const actions = new Map<string, Set<string>>();
  for (const scope of scopes) {
    const known = actions.get(scope.resource) ?? new Set();
    for (const action of scope.actions) known.add(action);
    actions.set(scope.resource, known);
  }
  return [...actions].map(([resource, names]) => ({ resource, actions: [...names].toSorted() }));
}

export function formatScope(scope: Scope): string {
  return `${scope.resource}:${scope.actions.join(',')}`;
}

/** Leave to work on one repository. */
export function repositoryScope(path: string, ...actions: readonly ('pull' | 'push' | 'delete')[]): Scope {
  return { resource: `repository:${path}`, actions };
}
