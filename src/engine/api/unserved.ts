/**
 * The operations of the API's document that this engine does not have: swarm, plugins, BuildKit. Each answers as docker
 * does without the thing, or with a 501 that says so; scripts/compatibility.ts takes its "not" from this table.
 */
import { type CaisError, NotFoundError, NotReadyError, UnsupportedError } from '../../lib/errors.ts';
import { type ApiRequest, json, type Route } from './route.ts';

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
type Operation = `${Method} /${string}`;

/** What an operation answers instead, and for whom. */
export interface Unserved {
  readonly operations: readonly Operation[];
  /** Why, in the words of docs/compatibility.md. */
  readonly reason: string;
  /** Clients ask with an `Upgrade` header, which only a route that takes connections over sees. */
  readonly upgrades?: true;
  /** @param name the path's `{name}` or `{id}`. */
  readonly refusal: (name: string) => CaisError;
}

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.';

/** In moby's words for a node outside of any swarm. */
export const unserved: readonly Unserved[] = [
  {
    operations: [
      'GET /swarm',
      'POST /swarm/update',
      'GET /swarm/unlockkey',
      'POST /swarm/unlock',
      'GET /nodes',
      'GET /nodes/{id}',
      'DELETE /nodes/{id}',
      'POST /nodes/{id}/update',
      'GET /services',
      'POST /services/create',
      'GET /services/{id}',
      'DELETE /services/{id}',
      'POST /services/{id}/update',
      'GET /services/{id}/logs',
      'GET /tasks',
      'GET /tasks/{id}',
      'GET /tasks/{id}/logs',
      'GET /secrets',
      'POST /secrets/create',
      'GET /secrets/{id}',
      'DELETE /secrets/{id}',
      'POST /secrets/{id}/update',
      'GET /configs',
      'POST /configs/create',
      'GET /configs/{id}',
      'DELETE /configs/{id}',
      'POST /configs/{id}/update',
    ],
    reason: 'no swarm: 503, as docker answers outside of one',
    refusal: () => new NotReadyError(notManager),
  },
  {
    operations: ['POST /swarm/leave'],
    reason: 'no swarm: 503, as docker answers outside of one',
    refusal: () => new NotReadyError('This node is not part of a swarm'),
  },
  {
    operations: ['PUT /volumes/{name}'],
    reason: 'only for volumes of a swarm: 503, as docker answers outside of one',
    refusal: () =>
      new NotReadyError('volume update only valid for cluster volumes, but swarm is unavailable'),
  },
  {
    operations: ['POST /swarm/init', 'POST /swarm/join'],
    reason: 'cais runs on one machine: 501',
    refusal: () => new UnsupportedError('cais has no swarm: it runs containers on this machine alone'),
  },
  {
    operations: [
      'GET /plugins/{name}/json',
      'DELETE /plugins/{name}',
      'POST /plugins/{name}/enable',
      'POST /plugins/{name}/disable',
      'POST /plugins/{name}/upgrade',
      'POST /plugins/{name}/push',
      'POST /plugins/{name}/set',
    ],
    reason: 'there never is a plugin: 404, as docker answers for one it does not have',
    refusal: (name) => new NotFoundError(`plugin "${name}" not found`),
  },
  {
    operations: ['GET /plugins/privileges', 'POST /plugins/pull', 'POST /plugins/create'],
    reason: 'cais takes no plugins: 501',
    refusal: () => new UnsupportedError('cais has no plugins: volumes, networks and logs are its own'),
  },
  {
    operations: ['POST /session', 'POST /grpc'],
    reason: 'no BuildKit: 501',
    upgrades: true,
    refusal: () => new UnsupportedError('cais does not serve BuildKit: build with DOCKER_BUILDKIT=0'),
  },
];

export function unservedRoutes(): Route[] {
  return [
    // Asked by `docker info` and by `docker plugin ls`.
    { method: 'GET', path: '/plugins', handle: () => json([]) },
    ...unserved.flatMap((entry) => entry.operations.map((operation) => refusingRoute(entry, operation))),
  ];
}

function refusingRoute({ refusal, upgrades }: Unserved, operation: Operation): Route {
  const { method, path } = splitOperation(operation);
  const refuse = ({ params }: ApiRequest): Promise<never> =>
    Promise.reject(refusal(params['name'] ?? params['id'] ?? ''));
  if (method === 'POST' && upgrades) return { method, path, hijack: refuse };
  return { method, path, handle: refuse };
}

function splitOperation(operation: Operation): { method: Method; path: string } {
  const space = operation.indexOf(' ');
  return { method: operation.slice(0, space) as Method, path: operation.slice(space + 1) };
}
