/** Two engines' answers to one question, made alike where they must differ (ids, times, places), and what is left over. */

/** One engine, asked over its socket. */
export interface Asked {
  /** Status and body; lines of JSON as a list. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
}

/** @param version of the API, `v1.41`. */
export function askOver(socketPath: string, version: string): Asked {
  return {
    async call(method, path, body) {
      const response = await fetch(`http://engine/${version}${path}`, {
        unix: socketPath,
        method,
        ...(body !== undefined && {
          body: typeof body === 'string' ? body : JSON.stringify(body),
          headers: { 'Content-Type': 'application/json' },
        }),
      });
      return { status: response.status, body: parse(await response.text()) };
    },
  };
}

function parse(text: string): unknown {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  try {
    const values = lines.map((line) => JSON.parse(line) as unknown);
    return values.length === 1 ? values[0] : values;
  } catch {
    return text;
  }
}

/** `path: ours <> theirs`, by path. Members that only one has count. */
export function differences(ours: unknown, theirs: unknown): ReadonlyMap<string, string> {
  const [left, right] = [flatten(ours), flatten(theirs)];
  const found = new Map<string, string>();
  for (const path of new Set([...left.keys(), ...right.keys()])) {
    const [own, other] = [left.get(path) ?? 'absent', right.get(path) ?? 'absent'];
    if (own !== other) found.set(path, `${own} <> ${other}`);
  }
  return found;
}

/** Docker gives these in no order: by what each member is called. */
const unordered: Readonly<Record<string, string>> = {
  Ports: 'PrivatePort',
  Mounts: 'Destination',
  Volumes: 'Name',
};

function ordered(key: string, value: unknown): unknown {
  const by = unordered[key];
  if (by === undefined || !Array.isArray(value)) return value;
  const named = value as Record<string, unknown>[];
  return Object.fromEntries(named.map((member) => [masked(String(member[by])), member]));
}

/** Leaves by their path. An empty object or list is a leaf. */
function flatten(value: unknown, path = '', leaves = new Map<string, string>()): Map<string, string> {
  const members =
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, member]): [string, unknown] => [masked(key), ordered(key, member)])
      : [];
  if (members.length === 0)
    leaves.set(path, maskedNumber(path, masked(JSON.stringify(value) ?? 'undefined')));
  for (const [key, member] of members) flatten(member, path === '' ? key : `${path}.${key}`, leaves);
  return leaves;
}

/** Counts that depend on the moment or on how a file system keeps a file. */
function maskedNumber(path: string, text: string): string {
  const isFleeting =
    /(?:^|\.)(?:Pid|Size|VirtualSize|SizeRootFs|LayersSize|NFd|NGoroutines|NEventsListener)$/.test(path);
  return isFleeting && /^[1-9]\d*$/.test(text) ? 'COUNT' : text;
}

function masked(text: string): string {
  return (
    text
      .replaceAll(/[0-9a-f]{64}/g, 'ID')
      .replaceAll(/^1[789]\d{8}$/g, 'SECONDS')
      .replaceAll(/Less than a second|\d+ seconds?/g, 'A WHILE')
      .replaceAll(/\b(?=[0-9a-f]*[a-f])[0-9a-f]{12}\b/g, 'SHORT')
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)/g, (time) =>
        time.startsWith('0001') ? time : 'TIME',
      )
      .replaceAll(/\/tmp\/(?:cais-engine-|cais-dockerd-|sysdockerd\.)\w+\/[^"]*/g, 'PLACE')
      // The first subnet that is free: not the same one on the machine and in dockerd's namespace.
      .replaceAll(/\b172\.\d+\.0\./g, '172.N.0.')
      .replaceAll(/([0-9a-f]{2}:){5}[0-9a-f]{2}/g, 'MAC')
  );
}
